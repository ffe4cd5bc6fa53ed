import {
  Activity,
  Boxes,
  ChartLine,
  Filter,
  House,
  type LucideIcon,
  Megaphone,
  Package,
  Radio,
  Search,
  Settings as SettingsIcon,
  ShieldCheck,
  Table2,
  Terminal,
  Users,
  Workflow,
} from 'lucide-react'

export interface PageEntry {
  readonly path: string
  readonly label: string
  readonly icon: LucideIcon
  readonly group: 'Shop' | 'Pipeline'
  /** Goes there after G. */
  readonly letter: string
  /** Beginnings of addresses that belong to it too. */
  readonly within?: readonly string[]
  /** Stands in the tab bar of a phone; the others are behind "More". */
  readonly tab?: boolean
}

/** Every page that the sidebar, the tab bar and the palette name, in their order. Routes are in router.tsx. */
export const PAGES: readonly PageEntry[] = [
  { path: '/', label: 'Home', icon: House, group: 'Shop', letter: 'H', tab: true },
  { path: '/live', label: 'Live', icon: Activity, group: 'Shop', letter: 'L', tab: true },
  {
    path: '/sales',
    label: 'Sales',
    icon: ChartLine,
    group: 'Shop',
    letter: 'S',
    within: ['/orders'],
  },
  { path: '/funnel', label: 'Funnel', icon: Filter, group: 'Shop', letter: 'F' },
  { path: '/products', label: 'Products', icon: Package, group: 'Shop', letter: 'P', tab: true },
  { path: '/customers', label: 'Customers', icon: Users, group: 'Shop', letter: 'C', tab: true },
  { path: '/acquisition', label: 'Acquisition', icon: Megaphone, group: 'Shop', letter: 'A' },
  { path: '/search', label: 'Search & reviews', icon: Search, group: 'Shop', letter: 'R' },
  { path: '/inventory', label: 'Inventory', icon: Boxes, group: 'Shop', letter: 'I' },
  { path: '/events', label: 'Events', icon: Radio, group: 'Pipeline', letter: 'E' },
  {
    path: '/quality',
    label: 'Data quality',
    icon: ShieldCheck,
    group: 'Pipeline',
    letter: 'Q',
  },
  { path: '/pipeline', label: 'Pipeline', icon: Workflow, group: 'Pipeline', letter: 'W' },
  { path: '/explore', label: 'Explore', icon: Terminal, group: 'Pipeline', letter: 'X' },
  { path: '/reports', label: 'Reports', icon: Table2, group: 'Pipeline', letter: 'T' },
  { path: '/settings', label: 'Settings', icon: SettingsIcon, group: 'Pipeline', letter: 'O' },
]
