import { Page } from '../../frame/page.tsx'
import { PageLink } from '../../frame/page-link.tsx'
import { usePageSearch } from '../../frame/page-search.ts'
import { Alerts } from '../../settings/alerts.tsx'
import { Definitions } from '../../settings/definitions.tsx'
import { InForce } from '../../settings/in-force.tsx'
import { Keys } from '../../settings/keys.tsx'

const PARTS = [
  { name: 'keys', label: 'Keys', Content: Keys },
  { name: 'alerts', label: 'Alerts', Content: Alerts },
  { name: 'settings', label: 'Settings in force', Content: InForce },
  { name: 'definitions', label: 'Definitions', Content: Definitions },
] as const

/** Keys, alert rules, settings in force, and what each number means. */
export function Settings() {
  const { part } = usePageSearch('settings')
  const { name: shown, Content } = PARTS.find(({ name }) => name === part) ?? PARTS[0]
  return (
    <Page title="Settings">
      <nav aria-label="Parts of the settings" className="-mx-1 overflow-x-auto px-1 py-1">
        <ul className="flex gap-1.5">
          {PARTS.map(({ name, label }) => (
            <li key={name}>
              <PageLink
                to="/settings"
                search={{ part: name === 'keys' ? undefined : name }}
                className={`button ${name === shown ? 'border-accent text-accent' : ''}`}
                {...(name === shown ? { label: `${label}, shown` } : {})}
              >
                {label}
              </PageLink>
            </li>
          ))}
        </ul>
      </nav>
      <Content />
    </Page>
  )
}
