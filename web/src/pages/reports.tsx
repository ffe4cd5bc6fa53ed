import { formatWord } from '../data/format.ts'
import type { ReportInfo } from '../data/report-types.ts'
import { useSession } from '../data/session.tsx'
import { Page } from '../frame/page.tsx'
import { PageLink, pathOf } from '../frame/page-link.tsx'

/** Every report there is, also those that the shop added as files. */
export function Reports() {
  const { reports } = useSession()
  const all = [...reports.values()]
  const groups = [...new Set(all.map(({ group }) => group))]
  return (
    <Page title="Reports">
      <p className="max-w-prose text-sm text-soft">
        Each is one SQL file with a header. Put your own into <code>reports/</code> of the data
        directory, and it stands here, in the API and on the command line.
      </p>
      {groups.map((group) => (
        <Group
          key={group}
          title={formatWord(group)}
          entries={all.filter((report) => report.group === group)}
        />
      ))}
    </Page>
  )
}

interface GroupProps {
  readonly title: string
  readonly entries: readonly ReportInfo[]
}

function Group({ title, entries }: GroupProps) {
  return (
    <section aria-label={title}>
      <h2 className="mb-2 text-sm font-medium text-soft">{title}</h2>
      <ul className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
        {entries.map(({ name, title: own, question }) => (
          <li key={name}>
            <PageLink
              to={pathOf('reports', name)}
              className="card block h-full px-4 py-3 hover:border-soft"
            >
              <span className="block text-sm font-medium">{own}</span>
              <span className="block text-[0.8125rem] text-soft">{question}</span>
            </PageLink>
          </li>
        ))}
      </ul>
    </section>
  )
}
