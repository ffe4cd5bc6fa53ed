import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { DEV_KEY } from '../data/api.ts'
import { formatDayShort, formatNoun, formatWord } from '../data/format.ts'
import { useSession } from '../data/session.tsx'
import { AdminNotice } from '../parts/admin-notice.tsx'
import { Bone } from '../parts/skeleton.tsx'
import { COPY_WORDS, useCopy } from '../parts/use-copy.ts'
import { KeyForm, type KeyWish } from './key-form.tsx'

interface KeyInfo extends KeyWish {
  readonly created_at: string
  /** The first characters of its text. */
  readonly hint: string
}

interface NewKey {
  readonly text: string
  readonly key: KeyInfo
}

/** API keys: who may send, read and manage. The text of a new one is shown this once. */
export function Keys() {
  const { admin } = useSession()
  const queries = useQueryClient()
  const keys = useQuery({
    queryKey: ['keys', admin.key],
    queryFn: ({ signal }) => admin.read<{ keys: readonly KeyInfo[] }>('/v1/keys', { signal }),
  })
  const again = () => queries.invalidateQueries({ queryKey: ['keys'] })
  const create = useMutation({
    mutationFn: (body: KeyWish) => admin.read<NewKey>('/v1/keys', { method: 'POST', body }),
    onSuccess: again,
  })
  if (keys.isError && !keys.data) {
    return (
      <AdminNotice
        title="The keys cannot be read"
        error={keys.error}
        onRetry={() => void keys.refetch()}
      />
    )
  }
  return (
    <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <section className="card min-w-0 p-4 sm:p-5" aria-labelledby="keys">
        <h2 id="keys" className="font-semibold">
          API keys
        </h2>
        <p className="mt-0.5 mb-2 text-[0.8125rem] text-soft">
          The name of a key is the source of its events. Texts are kept as hashes: nobody can read
          them again.
        </p>
        {keys.isPending && (
          <div role="status" aria-label="Loading">
            <Bone className="h-40 w-full" />
          </div>
        )}
        {keys.data?.keys.length === 0 && (
          <p className="py-2 text-sm text-soft">
            There is none yet.
            {admin.key === DEV_KEY &&
              ' This server takes the keys pk_dev and sk_dev, as it is in dev.'}
          </p>
        )}
        <ul className="divide-y divide-line">
          {keys.data?.keys.map((info) => (
            <KeyRow key={info.name} info={info} onGone={again} />
          ))}
        </ul>
      </section>
      <div className="grid min-w-0 gap-4">
        {create.data && <NewKeyCard made={create.data} onDone={create.reset} />}
        <KeyForm
          key={create.data?.key.name ?? 'first'}
          isBusy={create.isPending}
          failure={create.error?.message}
          onWish={(wish) => create.mutate(wish)}
        />
      </div>
    </div>
  )
}

function KeyRow({ info, onGone }: { readonly info: KeyInfo; readonly onGone: () => void }) {
  const { admin } = useSession()
  const [isAsking, setAsking] = useState(false)
  const revoke = useMutation({
    mutationFn: () => admin.open(`/v1/keys/${encodeURIComponent(info.name)}`, { method: 'DELETE' }),
    onSuccess: onGone,
  })
  const { name, kind, scopes, origins, rate, hint, created_at } = info
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3 text-[0.8125rem]">
      <div className="min-w-0 flex-1 basis-52">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium">{name}</span>
          <code className="font-mono text-xs text-soft">{hint}</code>
          {scopes.map((scope) => (
            <span key={scope} className={`chip ${scope === 'admin' ? 'chip-warn' : 'text-soft'}`}>
              {scope}
            </span>
          ))}
        </p>
        <p className="mt-0.5 text-xs text-soft [overflow-wrap:anywhere]">
          {formatWord(kind)}, made {formatDayShort(created_at)}
          {origins.length > 0 && `, from ${origins.join(', ')}`}
          {rate !== undefined && `, ${formatNoun(rate, 'event')} a second`}
        </p>
        {revoke.isError && (
          <p role="alert" className="mt-1 text-xs text-bad">
            {revoke.error.message}
          </p>
        )}
      </div>
      {isAsking ? (
        <div className="flex items-center gap-2">
          <button
            type="button"
            className="button button-bad"
            disabled={revoke.isPending}
            onClick={() => revoke.mutate()}
          >
            Revoke {name}
          </button>
          <button type="button" className="button" onClick={() => setAsking(false)}>
            Keep it
          </button>
        </div>
      ) : (
        <button
          type="button"
          className="button text-bad"
          aria-label={`Revoke ${name} …`}
          onClick={() => setAsking(true)}
        >
          Revoke …
        </button>
      )}
    </li>
  )
}

function NewKeyCard({ made, onDone }: { readonly made: NewKey; readonly onDone: () => void }) {
  const { state, copy } = useCopy()
  return (
    <section className="card border-good p-4 sm:p-5" aria-labelledby="new-key">
      <h2 id="new-key" className="font-semibold">
        The key “{made.key.name}”
      </h2>
      <p className="mt-0.5 text-[0.8125rem] text-soft">
        Copy it now: it is shown this once and kept nowhere.
      </p>
      <pre
        className="mt-3 rounded-lg bg-ground p-3 font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]"
        data-new-key=""
      >
        {made.text}
      </pre>
      <div className="mt-3 flex gap-2">
        {copy && (
          <button type="button" className="button" onClick={() => copy(made.text)}>
            {COPY_WORDS[state]}
          </button>
        )}
        <button type="button" className="button" onClick={onDone}>
          I have it
        </button>
      </div>
    </section>
  )
}
