import { type ReactNode, useMemo } from 'react'
import { formatCount } from '../data/format.ts'
import { failingLine, linesOf } from './json-lines.ts'
import type { DeadLetter } from './letter-data.ts'

interface PayloadProps {
  readonly letter: DeadLetter
  /** Lines shown around the failing one; all if missing. */
  readonly around?: number
  /** Spoken; each on a page has another. */
  readonly label?: string
}

/** What was sent, as text, with the line that failed marked; never anything but text, whatever is in it. */
export function Payload({ letter, around, label = 'The event as it was sent' }: PayloadProps) {
  const shown = useMemo(() => shownLines(letter, around), [letter, around])
  if (shown === undefined) return <Raw letter={letter} label={label} />
  return (
    <Scrolling label={label}>
      <pre className="w-max min-w-full py-2">
        {shown.lines.map(({ text, number }) => (
          <PayloadLine
            key={number}
            text={text}
            failure={number === shown.failing ? (letter.path ?? letter.message) : undefined}
          />
        ))}
      </pre>
    </Scrolling>
  )
}

function Scrolling({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="max-h-[32rem] overflow-auto rounded-lg bg-ground font-mono text-xs leading-5"
      data-payload=""
    >
      {children}
    </section>
  )
}

function PayloadLine({ text, failure }: { text: string; failure: string | undefined }) {
  if (failure === undefined) return <span className="block px-3">{text || ' '}</span>
  return (
    <mark className="block border-l-2 border-bad bg-[var(--bad-tint)] px-3 pl-2.5 text-ink">
      {text}
      <span className="text-bad">
        {' '}
        {'◀ '}
        {failure}
      </span>
    </mark>
  )
}

function shownLines({ raw, raw_encoding, truncated, path }: DeadLetter, around?: number) {
  if (typeof raw !== 'string' || raw_encoding !== 'utf8' || truncated) return undefined
  const value = parsed(raw)
  if (value === undefined) return undefined
  const all = linesOf(value)
  const failing = failingLine(all, path)
  const middle = Math.max(0, failing)
  const from = around === undefined ? 0 : Math.max(0, middle - around)
  const to = around === undefined ? all.length : middle + around + 1
  const lines = all.map(({ text }, number) => ({ text, number })).slice(from, to)
  return { lines, failing }
}

function parsed(raw: string): unknown {
  try {
    return JSON.parse(raw)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** What cannot be laid out: not JSON, not text, cut off, or gone. */
function Raw({ letter, label }: { readonly letter: DeadLetter; readonly label: string }) {
  const { raw, raw_encoding, raw_bytes, truncated } = letter
  if (typeof raw !== 'string') {
    return <p className="text-sm text-soft">What was sent has been erased.</p>
  }
  if (raw === '') return <p className="text-sm text-soft">What was sent is not kept.</p>
  return (
    <>
      <Scrolling label={label}>
        <pre className="p-3 whitespace-pre-wrap [overflow-wrap:anywhere]">{raw}</pre>
      </Scrolling>
      {(truncated || raw_encoding === 'base64') && (
        <p className="mt-1 text-xs text-soft">
          {truncated && `Cut off: it had ${formatCount(raw_bytes)} bytes. `}
          {raw_encoding === 'base64' && 'It is not text; this is base64.'}
        </p>
      )}
    </>
  )
}
