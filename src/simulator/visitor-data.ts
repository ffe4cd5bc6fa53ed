/** A kind of device: its user agents, how common it is and how readily it buys. */
export interface DeviceData {
  readonly user_agents: readonly string[]
  readonly share: number
  /** Multiplies the chance of each step towards an order. */
  readonly intent: number
}

export const DEVICES: readonly DeviceData[] = [
  {
    share: 0.55,
    intent: 0.86,
    user_agents: [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
      'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36',
      'Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36',
    ],
  },
  {
    share: 0.39,
    intent: 1.22,
    user_agents: [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36',
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0',
    ],
  },
  {
    share: 0.06,
    intent: 1.05,
    user_agents: [
      'Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
    ],
  },
]

export const BOT_USER_AGENTS = [
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
  'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)',
  'Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)',
] as const

/** Where a visit comes from: what the landing page's address and referrer say. `query` may name `{n}`. */
export interface ChannelData {
  readonly name: string
  readonly share: number
  readonly intent: number
  readonly referrers: readonly string[]
  readonly queries: readonly string[]
}

export const CHANNELS: readonly ChannelData[] = [
  { name: 'direct', share: 0.21, intent: 1.15, referrers: [], queries: [] },
  {
    name: 'organic search',
    share: 0.27,
    intent: 1.05,
    referrers: [
      'https://www.google.com/',
      'https://www.google.com/',
      'https://www.bing.com/',
      'https://duckduckgo.com/',
    ],
    queries: [],
  },
  {
    name: 'paid search',
    share: 0.15,
    intent: 1.1,
    referrers: ['https://www.google.com/'],
    queries: [
      'utm_source=google&utm_medium=cpc&utm_campaign=brand&gclid=Cj0{n}',
      'utm_source=google&utm_medium=cpc&utm_campaign=shopping&gclid=Cj0{n}',
      'utm_source=bing&utm_medium=cpc&utm_campaign=generic&msclkid=ms{n}',
    ],
  },
  {
    name: 'organic social',
    share: 0.09,
    intent: 0.6,
    referrers: [
      'https://www.instagram.com/',
      'https://www.facebook.com/',
      'https://www.reddit.com/',
    ],
    queries: [],
  },
  {
    name: 'paid social',
    share: 0.11,
    intent: 0.65,
    referrers: ['https://www.instagram.com/', 'https://www.facebook.com/'],
    queries: [
      'utm_source=instagram&utm_medium=paid_social&utm_campaign=lookalike&fbclid=Iw{n}',
      'utm_source=facebook&utm_medium=paid_social&utm_campaign=retargeting&fbclid=Iw{n}',
    ],
  },
  {
    name: 'email',
    share: 0.08,
    intent: 1.5,
    referrers: [],
    queries: [
      'utm_source=newsletter&utm_medium=email&utm_campaign=weekly',
      'utm_source=newsletter&utm_medium=email&utm_campaign=new_arrivals',
    ],
  },
  {
    name: 'referral',
    share: 0.05,
    intent: 0.9,
    referrers: ['https://thegoodkitchen.example/', 'https://gearnotes.example/reviews'],
    queries: [],
  },
  {
    name: 'affiliate',
    share: 0.02,
    intent: 1.1,
    referrers: ['https://couponcorner.example/'],
    queries: ['utm_source=couponcorner&utm_medium=affiliate&utm_campaign=spring'],
  },
  {
    name: 'assistant',
    share: 0.02,
    intent: 1.3,
    referrers: ['https://chatgpt.com/', 'https://www.perplexity.ai/'],
    queries: [],
  },
]

export const FIRST_NAMES = [
  ...['Anna', 'Minh', 'Sofia', 'Liam', 'Hana', 'Noah', 'Linh', 'Emma', 'Lucas', 'Mai', 'Oliver'],
  ...['Julia', 'Tuan', 'Clara', 'Mateo', 'Yuki', 'Elena', 'Thomas', 'Aisha', 'Hugo', 'Trang'],
] as const

export const LAST_NAMES = [
  ...['Nguyen', 'Miller', 'Tran', 'Schmidt', 'Garcia', 'Le', 'Martin', 'Tanaka', 'Rossi', 'Pham'],
  ...['Johnson', 'Dubois', 'Larsen', 'Novak', 'Silva', 'Hoang', 'Brown', 'Weber', 'Kim', 'Clark'],
] as const

/** Where customers live, the more often the earlier. */
export const PLACES = [
  ['United States', ['New York', 'Austin', 'Seattle', 'Chicago', 'Denver']],
  ['Vietnam', ['Ho Chi Minh City', 'Hanoi', 'Da Nang', 'Can Tho']],
  ['Germany', ['Berlin', 'Hamburg', 'Munich', 'Leipzig']],
  ['United Kingdom', ['London', 'Manchester', 'Bristol']],
  ['France', ['Paris', 'Lyon', 'Nantes']],
  ['Japan', ['Tokyo', 'Osaka']],
  ['Canada', ['Toronto', 'Vancouver']],
  ['Netherlands', ['Amsterdam', 'Utrecht']],
  ['Singapore', ['Singapore']],
] as const
