import * as Menu from '@radix-ui/react-dropdown-menu'
import { useNavigate } from '@tanstack/react-router'
import { Download, Ellipsis, Image, Info, Table2, TextSearch } from 'lucide-react'
import type { ReactNode, RefObject } from 'react'
import { messageOf } from '../data/api.ts'
import { formatCount } from '../data/format.ts'
import { mostRows, type Params, queryOf, searchOf } from '../data/report.ts'
import type { Chart, ReportInfo } from '../data/report-types.ts'
import { useSession } from '../data/session.tsx'
import { readViewSearch, useSetView, useView } from '../data/view.ts'
import { explainKey } from '../explain/explain-key.ts'
import { pathOf } from '../frame/page-link.tsx'
import type { Drawing } from './engine.ts'
import { saveCsv, savePng } from './save.ts'

interface CardMenuProps {
  readonly info: ReportInfo
  readonly chart: Chart
  readonly params: Params | undefined
  readonly drawing: RefObject<Drawing | undefined>
  readonly isTable: boolean
  /** Undefined where the card is a table already. */
  readonly onTable: (() => void) | undefined
  /** Takes what there is to say of a download; undefined where nothing is. */
  readonly onTell: (text: string | undefined) => void
}

/** Beside a card's title: the table behind the chart, and everything else that can be done with it. */
export function CardMenu(props: CardMenuProps) {
  const { info, chart, params = {}, isTable, onTable } = props
  const setView = useSetView()
  const column = chart.y[0] ?? info.columns[0]!.name
  return (
    <div className="-mr-1.5 flex shrink-0 items-center max-sm:-my-2 max-sm:-mr-3">
      {onTable && (
        <button
          type="button"
          className="icon-button"
          aria-pressed={isTable}
          aria-label="View as table"
          title="View as table"
          onClick={onTable}
        >
          <Table2 aria-hidden="true" size={15} className={isTable ? 'text-accent' : ''} />
        </button>
      )}
      <Menu.Root modal={false}>
        <Menu.Trigger className="icon-button" aria-label={`More: ${info.title}`}>
          <Ellipsis aria-hidden="true" size={16} />
        </Menu.Trigger>
        <Menu.Portal>
          <Menu.Content className="popover w-72 p-1.5" align="end" sideOffset={4}>
            <Item
              icon={<Info size={15} />}
              onSelect={() => setView({ explain: explainKey(info.name, column, params) })}
            >
              Explain this number
            </Item>
            <SaveItems {...props} />
            <OpenItem info={info} params={params} />
          </Menu.Content>
        </Menu.Portal>
      </Menu.Root>
    </div>
  )
}

function SaveItems({ info, params = {}, drawing, onTell }: CardMenuProps) {
  const { api } = useSession()
  const view = useView()
  const file = `${info.name} ${view.from} ${view.to}`
  const most = mostRows(info)
  const attempt = (work: () => Promise<string | undefined>) => {
    onTell(undefined)
    work().then(onTell, (error: unknown) => onTell(`It could not be saved: ${messageOf(error)}`))
  }
  const csv = async () => {
    const query = queryOf(info, view, { ...params, ...most }, false)
    const { isCut } = await saveCsv(api, info.name, query, file)
    return isCut ? 'The file is not whole: the server gives no more rows at once.' : undefined
  }
  const png = async () => {
    if (drawing.current) await savePng(drawing.current.svg(), file)
    return undefined
  }
  return (
    <>
      <Item icon={<Download size={15} />} onSelect={() => attempt(csv)}>
        {most.limit === undefined
          ? 'Download all rows as CSV'
          : `Download up to ${formatCount(most.limit)} rows as CSV`}
      </Item>
      {drawing.current && (
        <Item icon={<Image size={15} />} onSelect={() => attempt(png)}>
          Download as PNG
        </Item>
      )}
    </>
  )
}

function OpenItem({ info, params }: { readonly info: ReportInfo; readonly params: Params }) {
  const navigate = useNavigate()
  const open = () => {
    const search = (previous: object) => ({
      ...readViewSearch({ ...previous }),
      ...searchOf(params),
    })
    void navigate({ to: pathOf('reports', info.name) as never, search: search as never })
  }
  return (
    <Item icon={<TextSearch size={15} />} onSelect={open}>
      Open the report
    </Item>
  )
}

interface ItemProps {
  readonly icon: ReactNode
  readonly onSelect: () => void
  readonly children: ReactNode
}

function Item({ icon, onSelect, children }: ItemProps) {
  return (
    <Menu.Item className="menu-item" onSelect={onSelect}>
      <span aria-hidden="true" className="text-soft">
        {icon}
      </span>
      {children}
    </Menu.Item>
  )
}
