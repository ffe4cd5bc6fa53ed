import * as Dialog from '@radix-ui/react-dialog'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { useState } from 'react'
import { PRESETS } from '../data/period.ts'
import { useSession } from '../data/session.tsx'
import { readViewSearch, useSetView } from '../data/view.ts'
import { pathOf } from './page-link.tsx'
import { PAGES } from './pages.ts'

/** One field that goes anywhere: pages, reports, days, and the order, product or customer with an id. */
export function Palette({ onClose }: { readonly onClose: () => void }) {
  const [text, setText] = useState('')
  const { reports } = useSession()
  const navigate = useNavigate()
  const setView = useSetView()
  const go = (to: string) => {
    const search = (previous: object) => ({
      ...readViewSearch({ ...previous }),
      explain: undefined,
    })
    void navigate({ to: to as never, search: search as never })
    onClose()
  }
  const id = text.trim()
  return (
    <Dialog.Root open onOpenChange={onClose}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="palette" aria-describedby={undefined}>
          <Dialog.Title className="sr-only">Go to</Dialog.Title>
          <Command label="Go to" loop>
            <Command.Input
              value={text}
              onValueChange={setText}
              placeholder="A page, a report, days, or an id"
              className="h-12 w-full border-b border-line bg-transparent px-4 text-base outline-none placeholder:text-soft"
            />
            <Command.List className="max-h-80 overflow-y-auto p-2">
              <Command.Empty className="p-3 text-sm text-soft">
                Nothing has that name.
              </Command.Empty>
              <Command.Group heading="Pages">
                {PAGES.map(({ path, label, icon: Icon }) => (
                  <Command.Item key={path} value={`page ${label}`} onSelect={() => go(path)}>
                    <Icon aria-hidden="true" size={16} className="text-soft" />
                    {label}
                  </Command.Item>
                ))}
              </Command.Group>
              <Command.Group heading="Days">
                {PRESETS.map(({ name, label, letter }) => (
                  <Command.Item
                    key={name}
                    value={`days ${label}`}
                    onSelect={() => {
                      setView({ period: name, from: undefined, to: undefined })
                      onClose()
                    }}
                  >
                    {label}
                    {letter && <kbd className="key ml-auto">{letter}</kbd>}
                  </Command.Item>
                ))}
              </Command.Group>
              <Command.Group heading="Reports">
                {[...reports.values()].map(({ name, title, question }) => (
                  <Command.Item
                    key={name}
                    value={`report ${title} ${name}`}
                    onSelect={() => go(pathOf('reports', name))}
                  >
                    {title}
                    <span className="truncate text-xs text-soft">{question}</span>
                  </Command.Item>
                ))}
              </Command.Group>
              {id.length > 2 && (
                <Command.Group heading="By id" forceMount>
                  {(['orders', 'products', 'customers'] as const).map((kind) => (
                    <Command.Item
                      key={kind}
                      value={`id ${kind} ${id}`}
                      onSelect={() => go(pathOf(kind, id))}
                    >
                      {kind.slice(0, -1).replace(/^./, (letter) => letter.toUpperCase())}
                      <span className="truncate font-mono text-xs text-soft">{id}</span>
                    </Command.Item>
                  ))}
                </Command.Group>
              )}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
