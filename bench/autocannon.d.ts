/** The part of autocannon 8 that bench/ uses; the package has no types of its own. */
declare module 'autocannon' {
  interface Request {
    method: string
    headers: { [name: string]: string }
    body?: string
    setupRequest?(request: Request): Request
  }
  export default function autocannon(options: {
    url: string
    connections: number
    /** Seconds. */
    duration: number
    requests: Request[]
  }): Promise<{
    '2xx': number
    non2xx: number
    errors: number
    duration: number
    latency: { p50: number; p99: number }
  }>
}
