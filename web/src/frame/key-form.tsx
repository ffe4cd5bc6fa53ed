import { type FormEvent, useState } from 'react'
import { createApi, messageOf } from '../data/api.ts'

/** Outside `dev` the page needs a key that may read; it is tried first, and kept for this browser tab only. */
export function KeyForm({ onKey }: { readonly onKey: (key: string) => void }) {
  const [refusal, setRefusal] = useState<string>()
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const key = String(new FormData(event.currentTarget).get('key') ?? '').trim()
    try {
      await createApi(key, () => {}).read('/v1/live')
      onKey(key)
    } catch (error) {
      setRefusal(messageOf(error))
    }
  }
  return (
    <main className="mx-auto max-w-md p-6">
      <img src="/icon.svg" alt="" width={36} height={36} />
      <h1 className="mt-4 text-xl font-semibold">A key is needed</h1>
      <p className="mt-2 text-sm text-soft">Make one that may read, and paste it here:</p>
      <pre className="mt-2 rounded-lg bg-surface p-3 font-mono text-xs whitespace-pre-wrap">
        shoplake keys create console --scope read
      </pre>
      <form onSubmit={submit} className="mt-4 flex flex-col gap-3">
        <label className="text-sm font-medium" htmlFor="key">
          API key
        </label>
        <input
          id="key"
          name="key"
          type="password"
          autoComplete="off"
          required
          aria-invalid={refusal !== undefined}
          aria-describedby="refusal"
          className="min-h-11 rounded-lg border border-soft bg-surface px-3"
        />
        <p id="refusal" role="alert" className="text-sm text-bad empty:hidden">
          {refusal}
        </p>
        <button
          type="submit"
          className="min-h-11 rounded-lg bg-accent px-4 font-medium text-surface"
        >
          Open
        </button>
      </form>
    </main>
  )
}
