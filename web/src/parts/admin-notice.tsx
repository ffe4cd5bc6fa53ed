import { type FormEvent, useId, useState } from 'react'
import { createApi, messageOf, ProblemError } from '../data/api.ts'
import { useSession } from '../data/session.tsx'
import { Notice } from './notice.tsx'

interface AdminNoticeProps {
  /** What went wrong, such as "The keys cannot be read". */
  readonly title: string
  readonly error: Error
  readonly onRetry: () => void
}

/** What an admin's request failed with; where only the key was too weak, a field for a better one. */
export function AdminNotice({ title, error, onRetry }: AdminNoticeProps) {
  if (!isTooWeak(error)) return <Notice title={title} error={error} onRetry={onRetry} />
  return <AdminKeyForm />
}

function isTooWeak(error: Error): boolean {
  return error instanceof ProblemError && [401, 403].includes(error.problem.status)
}

function AdminKeyForm() {
  const { takeAdminKey } = useSession()
  const id = useId()
  const [refusal, setRefusal] = useState<string>()
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const key = String(new FormData(event.currentTarget).get('key') ?? '').trim()
    try {
      await createApi(key, () => {}).read('/v1/keys')
      takeAdminKey(key)
    } catch (error) {
      setRefusal(messageOf(error))
    }
  }
  return (
    <form onSubmit={submit} className="card grid gap-2 p-4 text-sm">
      <p className="font-semibold">This needs an admin key</p>
      <p className="text-soft">
        The key of this page may only read. Make one with{' '}
        <code className="font-mono text-xs">shoplake keys create me --scope admin</code>; it is kept
        until the page is closed or loaded again.
      </p>
      <label htmlFor={id} className="font-medium">
        Admin key
      </label>
      <p role="alert" className="text-bad empty:hidden">
        {refusal}
      </p>
      <div className="flex flex-wrap gap-2">
        <input
          id={id}
          name="key"
          type="password"
          autoComplete="off"
          required
          className="field min-w-0 flex-1"
        />
        <button type="submit" className="button">
          Use it
        </button>
      </div>
    </form>
  )
}
