import type { FormEvent } from 'react'

/** Outside `dev` the page needs a key that may read; it is kept for this browser tab only. */
export function KeyForm({ onKey }: { readonly onKey: (key: string) => void }) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const text = String(new FormData(event.currentTarget).get('key') ?? '').trim()
    if (text) onKey(text)
  }
  return (
    <main className="mx-auto max-w-md p-6">
      <h1 className="text-xl font-semibold">A key is needed</h1>
      <p className="mt-2 text-sm text-soft">
        Make one that may read:{' '}
        <code className="text-ink">shoplake keys create console --scope read</code>
      </p>
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
          className="min-h-11 rounded-lg border border-line bg-surface px-3"
        />
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
