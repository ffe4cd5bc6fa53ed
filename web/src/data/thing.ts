import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useSession } from './session.tsx'

const REFETCH_MS = 15_000

/** The current state of one order, product or customer, by the id in the address. */
export function useThing<T>(
  kind: 'orders' | 'products' | 'customers',
): UseQueryResult<T> & { readonly id: string } {
  const { id } = useParams({ strict: false }) as { id: string }
  const { api } = useSession()
  const query = useQuery({
    queryKey: [kind, id],
    queryFn: ({ signal }) => api.read<T>(`/v1/${kind}/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: REFETCH_MS,
  })
  return { ...query, id }
}
