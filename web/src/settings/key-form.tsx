import { type FormEvent, useId, useState } from 'react'

/** What a key is to be; the server checks it. */
export interface KeyWish {
  readonly name: string
  readonly kind: string
  readonly scopes: readonly string[]
  readonly origins: readonly string[]
  readonly rate?: number
}

const KINDS = [
  ['server', 'Server: your shop’s own programs'],
  ['browser', 'Browser: public, in your pages'],
  ['webhook', 'Webhook: another service'],
  ['import', 'Import: files'],
] as const

const SCOPES = [
  ['write', 'Send events'],
  ['read', 'Read numbers, orders, SQL'],
  ['admin', 'Everything: erase, replay, keys'],
] as const

interface KeyFormProps {
  readonly isBusy: boolean
  readonly failure: string | undefined
  readonly onWish: (wish: KeyWish) => void
}

/** Makes a key. A browser's key is public, so it may only send, and from named pages. */
export function KeyForm({ isBusy, failure, onWish }: KeyFormProps) {
  const id = useId()
  const [kind, setKind] = useState('server')
  const isBrowser = kind === 'browser'
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    onWish(wishOf(new FormData(event.currentTarget), isBrowser))
  }
  return (
    <form onSubmit={submit} className="card grid gap-3 p-4 text-sm sm:p-5" aria-labelledby={id}>
      <h2 id={id} className="font-semibold">
        Make a key
      </h2>
      <label className="grid gap-1">
        Name
        <input
          name="name"
          required
          pattern="[a-z0-9][a-z0-9_\-]{0,49}"
          title="1 to 50 of a to z, 0 to 9, - and _"
          autoComplete="off"
          placeholder="website"
          className="field"
        />
      </label>
      <label className="grid gap-1">
        Who holds it
        <select
          className="field min-w-0"
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value)}
          name="kind"
        >
          {KINDS.map(([value, word]) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
        </select>
      </label>
      {isBrowser ? (
        <label className="grid gap-1">
          Pages that may use it
          <textarea
            name="origins"
            required
            rows={2}
            placeholder="https://shop.example"
            className="field py-2"
          />
        </label>
      ) : (
        <fieldset className="grid gap-1">
          <legend className="mb-1">What it may do</legend>
          {SCOPES.map(([value, word]) => (
            <label key={value} className="flex min-h-7 items-center gap-2 max-sm:min-h-11">
              <input
                type="checkbox"
                name="scopes"
                value={value}
                defaultChecked={value === 'write'}
                className="size-4 accent-[var(--accent)]"
              />
              {word}
            </label>
          ))}
        </fieldset>
      )}
      <label className="grid gap-1">
        Events a second, at most
        <input
          name="rate"
          type="number"
          min={1}
          placeholder="as the settings say"
          className="field"
        />
      </label>
      {failure && (
        <p role="alert" className="text-bad">
          {failure}
        </p>
      )}
      <button type="submit" className="button button-strong justify-center" disabled={isBusy}>
        Make it
      </button>
    </form>
  )
}

function wishOf(form: FormData, isBrowser: boolean): KeyWish {
  const rate = String(form.get('rate') ?? '')
  const origins = String(form.get('origins') ?? '').split(/[\s,]+/)
  return {
    name: String(form.get('name') ?? '').trim(),
    kind: String(form.get('kind') ?? ''),
    scopes: isBrowser ? ['write'] : form.getAll('scopes').map(String),
    origins: isBrowser ? origins.filter((origin) => origin !== '') : [],
    ...(rate === '' ? {} : { rate: Number(rate) }),
  }
}
