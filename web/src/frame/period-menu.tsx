import * as Popover from '@radix-ui/react-popover'
import { CalendarDays, Check, ChevronDown } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { formatDays } from '../data/format.ts'
import { isComparable, LOOKED_AT, lengthOf, PRESETS, presetOf, shiftDay } from '../data/period.ts'
import { useSetView, useView } from '../data/view.ts'

/** Which days the page looks at, and whether it compares them. */
export function PeriodMenu() {
  const view = useView()
  const [isOpen, setOpen] = useState(false)
  const label = presetOf(view.period)?.label ?? formatDays(view.from, view.to)
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger className="button gap-2 max-sm:flex-1" data-period={view.period ?? 'custom'}>
        <CalendarDays aria-hidden="true" size={16} className="text-soft" />
        <span className="sr-only">Days: </span>
        {label}
        <ChevronDown aria-hidden="true" size={14} className="text-soft max-sm:ml-auto" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="popover w-72"
          align="end"
          sideOffset={6}
          collisionPadding={12}
          aria-label="Days"
        >
          <Presets onDone={() => setOpen(false)} />
          <CustomDays key={`${view.from}${view.to}`} onDone={() => setOpen(false)} />
          <CompareSwitch />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

function Presets({ onDone }: { readonly onDone: () => void }) {
  const view = useView()
  const setView = useSetView()
  return (
    <ul className="p-1.5">
      {PRESETS.map(({ name, label, letter }) => (
        <li key={name}>
          <button
            type="button"
            className="menu-item"
            aria-current={view.period === name}
            onClick={() => {
              setView({ period: name, from: undefined, to: undefined })
              onDone()
            }}
          >
            <Check
              aria-hidden="true"
              size={15}
              className={view.period === name ? 'text-accent' : 'invisible'}
            />
            {label}
            {letter && <kbd className="key ml-auto max-sm:hidden">{letter}</kbd>}
          </button>
        </li>
      ))}
    </ul>
  )
}

function CustomDays({ onDone }: { readonly onDone: () => void }) {
  const view = useView()
  const setView = useSetView()
  const [wrong, setWrong] = useState(false)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const [from, to] = [String(form.get('from')), String(form.get('to'))]
    setWrong(from > to)
    if (from > to) return
    setView({ period: undefined, from, to })
    onDone()
  }
  return (
    <form onSubmit={submit} className="border-t border-line p-3">
      <div className="grid grid-cols-2 gap-2">
        <DayField name="from" label="From" value={view.from} />
        <DayField name="to" label="To" value={view.to} />
      </div>
      {wrong && (
        <p role="alert" className="mt-1.5 text-xs text-bad">
          The first day is after the last.
        </p>
      )}
      <button type="submit" className="button button-strong mt-2 w-full justify-center">
        Show these days
      </button>
    </form>
  )
}

interface DayFieldProps {
  readonly name: string
  readonly label: string
  readonly value: string
}

function DayField({ name, label, value }: DayFieldProps) {
  return (
    <label className="text-xs text-soft">
      {label}
      <input
        type="date"
        name={name}
        defaultValue={value}
        min={LOOKED_AT.from}
        max={LOOKED_AT.to}
        required
        className="field mt-1 w-full"
      />
    </label>
  )
}

function CompareSwitch() {
  const view = useView()
  const setView = useSetView()
  const shift = Math.ceil(lengthOf(view) / 7) * 7
  const before = formatDays(shiftDay(view.from, -shift), shiftDay(view.to, -shift))
  return (
    <label className="flex cursor-pointer items-start gap-2.5 border-t border-line p-3 text-sm">
      <input
        type="checkbox"
        className="mt-0.5 size-4 accent-accent"
        checked={view.compare}
        onChange={() => setView({ compare: view.compare ? 'off' : undefined })}
      />
      <span className="flex-1">
        Compare with the period before
        <span className="block text-xs text-soft">
          {before}, weekday by weekday
          {!isComparable(view, view.today) && '; sums when the last day is over'}
        </span>
      </span>
      <kbd className="key max-sm:hidden">X</kbd>
    </label>
  )
}
