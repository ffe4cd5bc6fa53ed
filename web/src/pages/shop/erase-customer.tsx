import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { formatMoment } from '../../data/format.ts'
import { useSession } from '../../data/session.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Sheet } from '../../parts/sheet.tsx'
import type { Receipt } from './customer-types.ts'

const RECEIPT_MS = 2000

/** Erases a person for good, once their id is typed; then shows how far it has come. It takes an admin key. */
export function EraseCustomer({ id }: { readonly id: string }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <button type="button" className="button text-bad" onClick={() => setOpen(true)}>
        Erase this person …
      </button>
      <Sheet title="Erase this person" open={isOpen} onClose={() => setOpen(false)}>
        <EraseForm id={id} />
      </Sheet>
    </>
  )
}

function EraseForm({ id }: { readonly id: string }) {
  const { api } = useSession()
  const [typed, setTyped] = useState('')
  const erase = useMutation({
    mutationFn: () =>
      api.read<Receipt>(`/v1/customers/${encodeURIComponent(id)}`, { method: 'DELETE' }),
  })
  if (erase.data) return <Progress receipt={erase.data} />
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (typed === id) erase.mutate()
  }
  return (
    <form onSubmit={submit} className="grid gap-3 text-sm">
      <p>
        Name, address and every id that leads to this person go from the store, the lake and the
        dead letters, now and whenever it is read again. This cannot be undone.
      </p>
      <label>
        <span className="text-soft">
          Type <span className="font-mono break-all text-ink">{id}</span> to go on
        </span>
        <input
          className="field mt-1 w-full font-mono"
          value={typed}
          autoComplete="off"
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
      {erase.isError && (
        <Notice title="Nothing was erased" text={`${erase.error.message} It takes an admin key.`} />
      )}
      <button
        type="submit"
        className="button button-bad justify-center"
        disabled={typed !== id || erase.isPending}
      >
        {erase.isPending ? 'Erasing …' : 'Erase for good'}
      </button>
    </form>
  )
}

const STATES = { done: 'done', pending: 'under way', expires: 'goes by itself' } as const

function Progress({ receipt }: { readonly receipt: Receipt }) {
  const { api, server } = useSession()
  const latest = useQuery({
    queryKey: ['erasure', receipt.erasure_id],
    queryFn: ({ signal }) =>
      api.read<Receipt>(`/v1/erasures/${encodeURIComponent(receipt.erasure_id)}`, { signal }),
    refetchInterval: (query) => (query.state.data?.state === 'done' ? false : RECEIPT_MS),
    initialData: receipt,
  })
  return (
    <div className="grid gap-3 text-sm">
      <p role="status">
        {latest.data.state === 'done' ? 'Erased.' : 'Being erased. You may leave.'}
      </p>
      <dl className="divide-y divide-line">
        {latest.data.places.map(({ place, state, expires_at }) => (
          <div key={place} className="flex justify-between gap-4 py-2">
            <dt className="text-soft">{place.replaceAll('_', ' ')}</dt>
            <dd>
              {STATES[state]}
              {expires_at && `, ${formatMoment(expires_at, server.shop.time_zone)}`}
            </dd>
          </div>
        ))}
      </dl>
      <p className="text-xs break-all text-soft">
        Receipt {receipt.erasure_id}; in their place stands {receipt.customer_id}.
      </p>
    </div>
  )
}
