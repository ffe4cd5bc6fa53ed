import * as Dialog from '@radix-ui/react-dialog'
import { X } from 'lucide-react'
import type { ReactNode } from 'react'

interface SheetProps {
  readonly title: string
  readonly open: boolean
  readonly onClose: () => void
  readonly children: ReactNode
  /** Stands at the right edge of a desk; on a phone every sheet comes from below. */
  readonly side?: 'bottom' | 'right'
}

/** What opens over the page and gives the focus back when it closes. */
export function Sheet({ title, open, onClose, children, side = 'bottom' }: SheetProps) {
  return (
    <Dialog.Root open={open} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className={`sheet sheet-${side}`} aria-describedby={undefined}>
          <header className="flex items-center gap-3 px-5 pt-4 pb-3">
            <Dialog.Title className="min-w-0 flex-1 truncate text-base font-semibold">
              {title}
            </Dialog.Title>
            <Dialog.Close className="icon-button -mr-2" aria-label="Close">
              <X aria-hidden="true" size={18} />
            </Dialog.Close>
          </header>
          <section
            aria-label={title}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
            tabIndex={0}
            className="min-h-0 flex-1 overflow-y-auto px-5 pb-6 outline-offset-[-2px]"
          >
            {children}
          </section>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
