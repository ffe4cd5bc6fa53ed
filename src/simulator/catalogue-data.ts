/** What a category sells. Prices are medians in whole units of the shop's currency. */
export interface CategoryData {
  readonly name: string
  readonly slug: string
  readonly brands: readonly string[]
  readonly lines: readonly string[]
  /** What the thing is, and what one usually costs. */
  readonly nouns: readonly (readonly [string, number])[]
  /** Share of the price that the shop pays. */
  readonly cost_share: number
}

export const CATEGORIES: readonly CategoryData[] = [
  {
    name: 'Electronics',
    slug: 'electronics',
    brands: ['Voltra', 'Nimbus', 'Kestrel', 'Orbita'],
    lines: ['Air', 'Pro', 'Mini', 'Max', 'One', 'Go'],
    nouns: [
      ['wireless headphones', 89],
      ['Bluetooth speaker', 59],
      ['USB-C charger', 29],
      ['mechanical keyboard', 99],
      ['webcam', 69],
      ['power bank', 39],
      ['smart watch', 149],
      ['phone stand', 19],
    ],
    cost_share: 0.66,
  },
  {
    name: 'Home & Kitchen',
    slug: 'home-kitchen',
    brands: ['Hearthwood', 'Lumo', 'Saltbox', 'Nordhem'],
    lines: ['Classic', 'Everyday', 'Studio', 'Heritage', 'Soft'],
    nouns: [
      ['cast iron skillet', 49],
      ['chef knife', 64],
      ['coffee grinder', 79],
      ['pour-over kettle', 58],
      ['linen tablecloth', 42],
      ['storage jar set', 34],
      ['wool blanket', 89],
      ['desk lamp', 54],
    ],
    cost_share: 0.52,
  },
  {
    name: 'Clothing',
    slug: 'clothing',
    brands: ['Fjell', 'Marlow', 'Cotton & Co', 'Tideline'],
    lines: ['Relaxed', 'Slim', 'Organic', 'Weekend', 'Trail'],
    nouns: [
      ['T-shirt', 24],
      ['hoodie', 59],
      ['rain jacket', 129],
      ['merino socks', 16],
      ['chino trousers', 69],
      ['linen shirt', 54],
      ['beanie', 22],
      ['denim jacket', 98],
    ],
    cost_share: 0.45,
  },
  {
    name: 'Beauty',
    slug: 'beauty',
    brands: ['Verda', 'Luma Skin', 'Mare', 'Petal'],
    lines: ['Daily', 'Calm', 'Bright', 'Pure'],
    nouns: [
      ['face cream', 32],
      ['sunscreen SPF 50', 22],
      ['hand balm', 14],
      ['shampoo bar', 12],
      ['lip balm', 7],
      ['cleansing oil', 26],
      ['hair serum', 28],
    ],
    cost_share: 0.38,
  },
  {
    name: 'Sports & Outdoor',
    slug: 'sports-outdoor',
    brands: ['Ridgeway', 'Basalt', 'Kinetic', 'Alder'],
    lines: ['Trek', 'Light', 'Summit', 'Core', 'Flow'],
    nouns: [
      ['yoga mat', 45],
      ['water bottle', 24],
      ['hiking backpack', 119],
      ['running belt', 27],
      ['resistance band set', 29],
      ['camping stove', 64],
      ['headlamp', 38],
      ['sleeping pad', 79],
    ],
    cost_share: 0.55,
  },
  {
    name: 'Toys & Games',
    slug: 'toys-games',
    brands: ['Pipwick', 'Oakleaf', 'Tumble', 'Cardinal'],
    lines: ['Junior', 'Family', 'Adventure', 'Tiny'],
    nouns: [
      ['wooden train set', 49],
      ['board game', 36],
      ['jigsaw puzzle', 19],
      ['building blocks', 34],
      ['plush bear', 23],
      ['marble run', 44],
      ['card game', 14],
    ],
    cost_share: 0.5,
  },
  {
    name: 'Books & Paper',
    slug: 'books-paper',
    brands: ['Margin', 'Foliant', 'Quire', 'Inkwell'],
    lines: ['Pocket', 'Studio', 'Linen', 'Plain'],
    nouns: [
      ['notebook', 15],
      ['fountain pen', 39],
      ['weekly planner', 24],
      ['cookbook', 32],
      ['sketchbook', 18],
      ['pencil set', 12],
      ['letter paper', 11],
    ],
    cost_share: 0.48,
  },
  {
    name: 'Garden',
    slug: 'garden',
    brands: ['Fernhill', 'Loam', 'Greenstead', 'Terra'],
    lines: ['Compact', 'Balcony', 'Cottage', 'Pro'],
    nouns: [
      ['pruning shears', 34],
      ['plant pot', 21],
      ['herb seeds', 5],
      ['watering can', 28],
      ['garden gloves', 14],
      ['bird feeder', 31],
      ['grow light', 47],
    ],
    cost_share: 0.5,
  },
]

export const COLOURS = ['black', 'sand', 'forest', 'navy', 'white', 'rust'] as const

/** Things that people look for here and that the shop does not sell. */
export const NOT_SOLD = [
  'gift card',
  'iphone case',
  'swimming goggles',
  'wallpaper',
  'dog food',
  'size guide',
  'student discount',
  'ladder',
  'aquarium',
  'return label',
] as const
