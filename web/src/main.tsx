import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import '@fontsource-variable/inter/wght.css'
import './app.css'
import { isPassing } from './data/api.ts'
import { App } from './frame/app.tsx'
import { applyTheme, storedTheme } from './frame/theme.ts'

const PASSING_TRIES = 6

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (count, error) => isPassing(error) && count < PASSING_TRIES,
      retryDelay: (count) => Math.min(8000, 400 * 2 ** count),
      staleTime: 15_000,
      refetchOnWindowFocus: true,
      // The server may be this machine: what the browser knows of networks says nothing about it.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
})

applyTheme(storedTheme())
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
)
