/** Marketing channels: Google Analytics 4's default channel group, with AI assistants. `unassigned` where no rule fits. */
export type Channel =
  | 'direct'
  | 'cross_network'
  | 'paid_shopping'
  | 'paid_search'
  | 'paid_social'
  | 'paid_video'
  | 'display'
  | 'paid_other'
  | 'organic_shopping'
  | 'organic_social'
  | 'organic_video'
  | 'organic_search'
  | 'ai_assistant'
  | 'email'
  | 'affiliates'
  | 'referral'
  | 'audio'
  | 'sms'
  | 'mobile_push'
  | 'unassigned'

/** What kind of site a source is. `payment` sites only hand a buyer back: they never count. */
export type SourceKindOfSite =
  | 'search'
  | 'social'
  | 'video'
  | 'shopping'
  | 'ai'
  | 'email'
  | 'payment'

/** Hosts, with all below them, and the plain names that people write into utm_source. The first kind that fits counts. */
export const SITES: { readonly [K in SourceKindOfSite]: readonly string[] } = {
  ai: [
    'chatgpt.com',
    'chat.openai.com',
    'openai.com',
    'chatgpt',
    'openai',
    'claude.ai',
    'claude',
    'anthropic',
    'perplexity.ai',
    'perplexity',
    'gemini.google.com',
    'bard.google.com',
    'gemini',
    'copilot.microsoft.com',
    'copilot.cloud.microsoft',
    'copilot',
    'chat.deepseek.com',
    'deepseek.com',
    'deepseek',
    'grok.com',
    'grok',
    'chat.mistral.ai',
    'mistral',
    'meta.ai',
    'poe.com',
    'you.com',
    'phind.com',
    'kimi.com',
    'doubao.com',
    'notebooklm.google.com',
  ],
  email: [
    'mail.google.com',
    'com.google.android.gm',
    'outlook.live.com',
    'outlook.office.com',
    'outlook.office365.com',
    'mail.yahoo.com',
    'mail.aol.com',
    'mail.ru',
    'e.mail.ru',
    'mail.proton.me',
    'webmail',
    'email',
    'e-mail',
    'e_mail',
    'e mail',
    'newsletter',
    'klaviyo',
    'mailchimp',
    'brevo',
  ],
  payment: [
    'paypal.com',
    'stripe.com',
    'klarna.com',
    'adyen.com',
    'mollie.com',
    'checkout.com',
    'worldpay.com',
    'squareup.com',
    'square.link',
    'braintreegateway.com',
    'braintree-api.com',
    'authorize.net',
    'cybersource.com',
    'afterpay.com',
    'clearpay.co.uk',
    'affirm.com',
    'sezzle.com',
    'zip.co',
    'sofort.com',
    'giropay.de',
    'ideal.nl',
    'payu.com',
    'razorpay.com',
    'paytm.in',
    'mercadopago.com',
    'pay.google.com',
    'pay.amazon.com',
    'payments.amazon.com',
    'pay.shopify.com',
    'shop.app',
    'alipay.com',
    'momo.vn',
    'vnpay.vn',
    'vnpayment.vn',
    'zalopay.vn',
    'cardinalcommerce.com',
    'arcot.com',
    '3dsecure.io',
    'netcetera-payment.ch',
  ],
  shopping: [
    'shopping.google.com',
    'google shopping',
    'shopping.yahoo.com',
    'amazon',
    'ebay',
    'etsy.com',
    'etsy',
    'walmart.com',
    'alibaba.com',
    'aliexpress.com',
    'idealo.de',
    'idealo',
    'pricerunner.com',
    'kelkoo.com',
    'shopzilla.com',
    'shopee',
    'lazada',
    'tiki.vn',
    'mercadolibre',
    'rakuten.co.jp',
  ],
  video: [
    'youtube.com',
    'youtu.be',
    'youtube',
    'com.google.android.youtube',
    'vimeo.com',
    'vimeo',
    'twitch.tv',
    'twitch',
    'dailymotion.com',
    'dailymotion',
    'netflix.com',
    'hulu.com',
    'bilibili.com',
    'iqiyi.com',
  ],
  social: [
    'facebook.com',
    'fb.com',
    'fb.me',
    'facebook',
    'fb',
    'com.facebook.katana',
    'instagram.com',
    'instagram',
    'ig',
    'com.instagram.android',
    'threads.net',
    'threads.com',
    'threads',
    't.co',
    'twitter.com',
    'twitter',
    'x.com',
    'x',
    'com.twitter.android',
    'linkedin.com',
    'lnkd.in',
    'linkedin',
    'com.linkedin.android',
    'pinterest',
    'pin.it',
    'reddit.com',
    'reddit',
    'tiktok.com',
    'tiktok',
    'com.zhiliaoapp.musically',
    'snapchat.com',
    'snapchat',
    'whatsapp.com',
    'wa.me',
    'whatsapp',
    'com.whatsapp',
    't.me',
    'telegram.org',
    'telegram',
    'discord.com',
    'discord',
    'bsky.app',
    'bluesky',
    'mastodon.social',
    'mastodon',
    'tumblr.com',
    'tumblr',
    'quora.com',
    'quora',
    'vk.com',
    'ok.ru',
    'weibo.com',
    'weibo',
    'wechat.com',
    'wechat',
    'line.me',
    'zalo.me',
    'zalo',
    'messenger.com',
    'messenger',
    'news.ycombinator.com',
  ],
  search: [
    'com.google.android.googlequicksearchbox',
    'google',
    'bing.com',
    'bing',
    'yahoo',
    'duckduckgo.com',
    'duckduckgo',
    'yandex',
    'ya.ru',
    'baidu.com',
    'baidu',
    'ecosia.org',
    'ecosia',
    'qwant.com',
    'qwant',
    'startpage.com',
    'startpage',
    'search.brave.com',
    'brave',
    'naver.com',
    'naver',
    'daum.net',
    'seznam.cz',
    'seznam',
    'sogou.com',
    'so.com',
    'ask.com',
    'aol',
    'coccoc.com',
    'kagi.com',
    'mojeek.com',
    'swisscows.com',
    'search.marginalia.nu',
  ],
}

/** Click ids that ad networks and merchants' programmes put on the URL, and the source and medium that they stand for. */
export const CLICK_IDS: { readonly [parameter: string]: { source: string; medium: string } } = {
  gclid: { source: 'google', medium: 'cpc' },
  gbraid: { source: 'google', medium: 'cpc' },
  wbraid: { source: 'google', medium: 'cpc' },
  dclid: { source: 'google', medium: 'display' },
  msclkid: { source: 'bing', medium: 'cpc' },
  yclid: { source: 'yandex', medium: 'cpc' },
  fbclid: { source: 'facebook', medium: 'social' },
  igshid: { source: 'instagram', medium: 'social' },
  ttclid: { source: 'tiktok', medium: 'cpc' },
  twclid: { source: 'twitter', medium: 'cpc' },
  li_fat_id: { source: 'linkedin', medium: 'cpc' },
  epik: { source: 'pinterest', medium: 'social' },
  ScCid: { source: 'snapchat', medium: 'cpc' },
  rdt_cid: { source: 'reddit', medium: 'cpc' },
  srsltid: { source: 'google shopping', medium: 'organic' },
  irclickid: { source: 'impact', medium: 'affiliate' },
  awc: { source: 'awin', medium: 'affiliate' },
  mc_eid: { source: 'mailchimp', medium: 'email' },
}

/** What a rule looks at, all in lower case. */
export interface Campaign {
  readonly source: string
  readonly medium: string
  readonly campaign: string
  readonly site: SourceKindOfSite | undefined
}

interface Rule {
  readonly channel: Channel
  fits(of: Campaign): boolean
}

const PAID = /^(.*cp.*|ppc|retargeting|paid.*)$/
const SHOP_CAMPAIGN = /^(.*(([^a-df-z]|^)shop|shopping).*)$/
const DISPLAY = ['display', 'banner', 'expandable', 'interstitial', 'cpm']
const SOCIAL = ['social', 'social-network', 'social-media', 'sm', 'social network', 'social media']
const MAIL = ['email', 'e-mail', 'e_mail', 'e mail', 'newsletter']

const isPaid = (of: Campaign) => PAID.test(of.medium)
const isShop = (of: Campaign) => of.site === 'shopping' || SHOP_CAMPAIGN.test(of.campaign)

/**
 * In order; the first that fits decides. Source: Google Analytics 4, "Default channel group", manual traffic; the rules for
 * AI assistants and e-mail sites are ours. `cpm` is display, as there, although it also reads like a paid medium.
 */
export const RULES: readonly Rule[] = [
  { channel: 'cross_network', fits: (of) => of.campaign.includes('cross-network') },
  { channel: 'paid_shopping', fits: (of) => isPaid(of) && isShop(of) },
  { channel: 'paid_search', fits: (of) => isPaid(of) && of.site === 'search' },
  { channel: 'paid_social', fits: (of) => isPaid(of) && of.site === 'social' },
  { channel: 'paid_video', fits: (of) => isPaid(of) && of.site === 'video' },
  { channel: 'display', fits: (of) => DISPLAY.includes(of.medium) },
  { channel: 'paid_other', fits: isPaid },
  { channel: 'ai_assistant', fits: (of) => of.site === 'ai' },
  { channel: 'email', fits: (of) => of.site === 'email' || MAIL.includes(of.medium) },
  { channel: 'organic_shopping', fits: isShop },
  { channel: 'organic_social', fits: (of) => of.site === 'social' || SOCIAL.includes(of.medium) },
  { channel: 'organic_video', fits: (of) => of.site === 'video' || of.medium.includes('video') },
  { channel: 'organic_search', fits: (of) => of.site === 'search' || of.medium === 'organic' },
  { channel: 'affiliates', fits: (of) => of.medium === 'affiliate' || of.medium === 'affiliates' },
  { channel: 'referral', fits: (of) => ['referral', 'app', 'link'].includes(of.medium) },
  { channel: 'audio', fits: (of) => of.medium === 'audio' },
  { channel: 'sms', fits: (of) => of.source === 'sms' || of.medium === 'sms' },
  {
    channel: 'mobile_push',
    fits: (of) =>
      of.source === 'firebase' ||
      of.medium.endsWith('push') ||
      of.medium.includes('mobile') ||
      of.medium.includes('notification'),
  },
]
