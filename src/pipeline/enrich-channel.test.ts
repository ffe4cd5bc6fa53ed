import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Attribution, createChannelReader, hostOf, siteOf } from './enrich-channel.ts'

const PAGE = 'https://shop.example/'
const itself = (attribution: Attribution) => attribution
const read = createChannelReader(['shop.example', 'checkout.shop.test', ''], itself)

test.each([
  ['https://www.google.com/', 'organic_search'],
  ['google.com', 'organic_search'],
  ['https://www.google.co.uk/search?q=laptop', 'organic_search'],
  ['https://duckduckgo.com/', 'organic_search'],
  ['android-app://com.google.android.googlequicksearchbox/', 'organic_search'],
  ['https://shopping.google.com/', 'organic_shopping'],
  ['https://www.amazon.de/dp/1', 'organic_shopping'],
  ['https://l.facebook.com/l.php', 'organic_social'],
  ['https://t.co/abc', 'organic_social'],
  ['https://www.pinterest.fr/', 'organic_social'],
  ['https://www.youtube.com/watch', 'organic_video'],
  ['https://chatgpt.com/', 'ai_assistant'],
  ['https://gemini.google.com/app', 'ai_assistant'],
  ['https://www.perplexity.ai/search', 'ai_assistant'],
  ['https://mail.google.com/mail', 'email'],
  ['https://blog.example.org/best-laptops', 'referral'],
  ['https://notgoogle.com/', 'referral'],
  ['https://google.com.evil.test/', 'referral'],
  ['https://claude.example/', 'referral'],
  ['https://www.paypal.com/checkout', undefined],
  ['https://hooks.stripe.com/3ds', undefined],
  ['https://www.shop.example/cart', undefined],
  ['https://pay.checkout.shop.test/', undefined],
  ['/products/laptop', undefined],
  ['products', undefined],
  ['', 'direct'],
  [undefined, 'direct'],
])('a page reached from %s has the channel %s', (referrer, channel) => {
  expect(read(PAGE, referrer).channel).toBe(channel)
})

test.each([
  ['utm_source=google&utm_medium=cpc', 'paid_search'],
  ['utm_source=Google&utm_medium=CPC', 'paid_search'],
  ['utm_source=facebook&utm_medium=paid_social', 'paid_social'],
  ['utm_source=youtube&utm_medium=paid', 'paid_video'],
  ['utm_source=google&utm_medium=cpc&utm_campaign=spring_shopping', 'paid_shopping'],
  ['utm_source=x&utm_medium=display', 'display'],
  ['utm_source=adnetwork&utm_medium=ppc', 'paid_other'],
  ['utm_source=newsletter', 'email'],
  ['utm_source=crm&utm_medium=email', 'email'],
  ['utm_source=partner&utm_medium=affiliate', 'affiliates'],
  ['utm_source=google', 'organic_search'],
  ['utm_source=instagram&utm_medium=social', 'organic_social'],
  ['utm_source=chatgpt.com', 'ai_assistant'],
  ['utm_source=spotify&utm_medium=audio', 'audio'],
  ['utm_source=sms', 'sms'],
  ['utm_source=app&utm_medium=push', 'mobile_push'],
  ['utm_source=blog&utm_medium=referral', 'referral'],
  ['utm_campaign=cross-network', 'cross_network'],
  ['utm_source=flyer&utm_medium=qr', 'unassigned'],
  ['gclid=abc', 'paid_search'],
  ['utm_source=google&gclid=abc', 'paid_search'],
  ['dclid=abc', 'display'],
  ['fbclid=abc', 'organic_social'],
  ['utm_source=fb&utm_medium=cpc&fbclid=abc', 'paid_social'],
  ['irclickid=abc', 'affiliates'],
  ['srsltid=abc', 'organic_shopping'],
])('a page tagged %s has the channel %s', (query, channel) => {
  expect(read(`${PAGE}?id=1&${query}#top`, 'https://www.bing.com/').channel).toBe(channel)
  expect(read(`/relative?${query}`, undefined).channel).toBe(channel)
})

test('UTM values are decoded and kept as they were written', () => {
  expect(read(`${PAGE}?utm_source=N%C3%A9ws&utm_term=a+b&utm_content=%zz&utm_medium=`, '')).toEqual(
    {
      channel: 'unassigned',
      utm_source: 'Néws',
      utm_term: 'a b',
      utm_content: '%zz',
    },
  )
  expect(read(`${PAGE}?gclid=secret`, '')).toEqual({ channel: 'paid_search', click_id: 'gclid' })
  expect(read(`${PAGE}?constructor=1&__proto__=2&toString=3`, '')).toEqual({ channel: 'direct' })
})

test('without page and referrer nothing is said; a referrer alone says it', () => {
  expect(read(undefined, undefined)).toEqual({})
  expect(read(undefined, 'https://bing.com/')).toEqual({ channel: 'organic_search' })
})

test('hosts are read from URLs and bare names', () => {
  expect(hostOf('https://user:pw@WWW.Example.com:8080/x?y#z')).toBe('example.com')
  expect(hostOf('//cdn.example.com')).toBe('cdn.example.com')
  expect(hostOf('example.com/path')).toBe('example.com')
  expect(hostOf('/path')).toBe('')
  expect(hostOf('about:blank')).toBe('')
  expect(siteOf('')).toBeUndefined()
})

test('any text is read without a throw, and the same way twice', () => {
  const text = fc.oneof(fc.webUrl({ withQueryParameters: true }), fc.string({ unit: 'binary' }))
  fc.assert(
    fc.property(text, text, (page, referrer) => {
      expect(read(page, referrer)).toEqual(createChannelReader([], itself)(page, referrer))
    }),
  )
})
