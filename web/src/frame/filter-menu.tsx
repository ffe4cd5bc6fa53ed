import * as Popover from '@radix-ui/react-popover'
import { ListFilter } from 'lucide-react'
import { useState } from 'react'
import { formatText, formatWord } from '../data/format.ts'
import { useReport } from '../data/report.ts'
import { rowsOf, textOf } from '../data/report-types.ts'
import { type FilterName, useSetView, useView } from '../data/view.ts'
import { Sheet } from '../parts/sheet.tsx'
import { useIsPhone } from '../parts/use-media.ts'

/** The report whose first column holds the values that there are. */
const VALUES: { readonly [F in FilterName]: string } = {
  country: 'sales_by_country',
  channel: 'channels',
  device: 'devices',
  category: 'sales_by_category',
}

/** Chooses a filter without clicking a chart; on a phone in a sheet. */
export function FilterMenu({ names }: { readonly names: readonly FilterName[] }) {
  const [isOpen, setOpen] = useState(false)
  const isPhone = useIsPhone()
  const fields = names.map((name) => <FilterField key={name} name={name} />)
  const label = (
    <>
      <ListFilter aria-hidden="true" size={16} className="text-soft" />
      <span className="max-sm:sr-only">Filter</span>
    </>
  )
  if (isPhone) {
    return (
      <>
        <button type="button" className="button gap-2" onClick={() => setOpen(true)}>
          {label}
        </button>
        <Sheet title="Filter" open={isOpen} onClose={() => setOpen(false)}>
          <div className="grid gap-4">{fields}</div>
        </Sheet>
      </>
    )
  }
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger className="button gap-2">{label}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="popover grid w-64 gap-3 p-3"
          align="end"
          sideOffset={6}
          aria-label="Filter"
        >
          {fields}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

function FilterField({ name }: { readonly name: FilterName }) {
  const { filters } = useView()
  const setView = useSetView()
  // Its own filter would leave one value to choose.
  const values = useReport(VALUES[name], { [name]: undefined }, { compare: false })
  const known = values.data ? rowsOf(values.data).map((row) => textOf(row[name])) : []
  const chosen = filters[name]
  const options = [...new Set([...(chosen ? [chosen] : []), ...known])].filter((one) => one !== '')
  return (
    <label className="text-sm font-medium">
      {formatWord(name)}
      <select
        className="field mt-1 w-full font-normal"
        value={chosen ?? ''}
        onChange={(event) => setView({ [name]: event.currentTarget.value || undefined })}
      >
        <option value="">All</option>
        {options.map((value) => (
          <option key={value} value={value}>
            {formatText(name, value)}
          </option>
        ))}
      </select>
    </label>
  )
}
