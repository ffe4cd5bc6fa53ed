import { PRESETS } from '../data/period.ts'
import { Sheet } from '../parts/sheet.tsx'
import { PAGES } from './pages.ts'

const GENERAL = [
  { keys: '⌘ K', word: 'Go to a page, a report, an order, a product' },
  { keys: 'X', word: 'Compare with the period before, or not' },
  { keys: 'Esc', word: 'Drop all filters' },
  { keys: '← →', word: 'Move along a chart that has the focus' },
  { keys: '?', word: 'This list' },
]

/** Every key, told once. */
export function ShortcutList({ onClose }: { readonly onClose: () => void }) {
  return (
    <Sheet title="Keyboard" open onClose={onClose} side="right">
      <Keys title="Everywhere" rows={GENERAL} />
      <Keys
        title="Days"
        rows={PRESETS.flatMap(({ letter, label }) =>
          letter ? [{ keys: letter, word: label }] : [],
        )}
      />
      <Keys
        title="Pages"
        rows={PAGES.map(({ letter, label }) => ({ keys: `G ${letter}`, word: label }))}
      />
    </Sheet>
  )
}

interface KeysProps {
  readonly title: string
  readonly rows: readonly { readonly keys: string; readonly word: string }[]
}

function Keys({ title, rows }: KeysProps) {
  return (
    <>
      <h3 className="mt-4 mb-1 text-xs font-medium text-soft first:mt-0">{title}</h3>
      <dl className="divide-y divide-line text-sm">
        {rows.map(({ keys, word }) => (
          <div key={keys} className="flex items-center justify-between gap-4 py-1.5">
            <dt>{word}</dt>
            <dd className="flex gap-1">
              {keys.split(' ').map((key) => (
                <kbd key={key} className="key">
                  {key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </>
  )
}
