import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useSession } from '../data/session.tsx'

/** A refused event, as lists show it. */
export interface DeadLetter {
  readonly dead_letter_id: string
  readonly event_type: string | null
  readonly reason: string
  readonly path: string | null
  readonly message: string
  readonly index: number
  /** What was sent; missing in lists, null once it was erased. */
  readonly raw?: string | null
  readonly raw_encoding: 'utf8' | 'base64'
  readonly raw_bytes: number
  readonly truncated: boolean
  readonly source: string
  readonly source_kind: string
  readonly received_at: string
  readonly request_id: string
  readonly file?: string
  readonly line?: number
  readonly status: 'open' | 'replayed'
  readonly replayed_as?: 'accepted' | 'duplicate'
}

/** What became of a replayed one, in words. */
export function settledWord({ replayed_as }: Pick<DeadLetter, 'replayed_as'>): string {
  return replayed_as === 'duplicate' ? 'replayed: a duplicate' : 'replayed'
}

/** Dead letters that differ only in the event: the same type, reason and field. */
export interface Kind {
  readonly event_type: string
  readonly reason: string
  readonly path: string | null
  readonly count: number
  readonly samples: readonly DeadLetter[]
}

/** Which dead letters are meant, by what the API filters by. */
export type LetterFilter = {
  readonly [N in 'reason' | 'event_type' | 'source' | 'status' | 'path' | 'from' | 'to']?:
    | string
    | undefined
}

const REFETCH_MS = 10_000

function queryOf(filter: LetterFilter, more: { readonly [name: string]: string }): string {
  const given = Object.entries(filter).filter((entry): entry is [string, string] => !!entry[1])
  return new URLSearchParams([...given, ...Object.entries(more)]).toString()
}

/** Open dead letters by kind, the most frequent first, with samples. */
export function useKinds(filter: LetterFilter) {
  const { api } = useSession()
  const query = queryOf(filter, { sample: '3' })
  return useQuery({
    queryKey: ['dead-letters', 'kinds', query],
    queryFn: ({ signal }) =>
      api.read<{ kinds: readonly Kind[] }>(`/v1/dead-letters?${query}`, { signal }),
    refetchInterval: REFETCH_MS,
    placeholderData: keepPreviousData,
  })
}

interface LetterPage {
  readonly items: readonly DeadLetter[]
  readonly next_cursor: string | null
}

/** Dead letters, the latest first, page by page. */
export function useLetters(filter: LetterFilter, limit: number) {
  const { api } = useSession()
  const query = queryOf(filter, { limit: String(limit) })
  return useInfiniteQuery({
    queryKey: ['dead-letters', 'list', query],
    queryFn: ({ signal, pageParam }) => {
      const cursor = pageParam === '' ? '' : `&cursor=${encodeURIComponent(pageParam)}`
      return api.read<LetterPage>(`/v1/dead-letters?${query}${cursor}`, { signal })
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  })
}

const OPEN_REFETCH_MS = 2000

/** One dead letter with its raw bytes; looked at again while it is open: the store closes it a moment after its replay. */
export function useLetter(id: string) {
  const { api } = useSession()
  return useQuery({
    queryKey: ['dead-letters', 'one', id],
    queryFn: ({ signal }) =>
      api.read<DeadLetter>(`/v1/dead-letters/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: (query) => (query.state.data?.status === 'open' ? OPEN_REFETCH_MS : false),
  })
}

/** Says in words why events of a reason are refused; the same words as the reference. */
export const REASON_WORDS: { readonly [reason: string]: string } = {
  malformed_json: 'Not JSON',
  not_an_object: 'Not an object',
  unknown_event_type: 'Unknown event type',
  missing_field: 'Field missing',
  invalid_field: 'Field not valid',
  too_large: 'Too large',
  timestamp_in_future: 'From the future',
  not_encodable: 'Could not be written',
}

export function reasonWord(reason: string): string {
  return REASON_WORDS[reason] ?? reason
}

/** The address of one dead letter. */
export function letterPath(id: string): string {
  return `/quality/dead-letters/${encodeURIComponent(id)}`
}
