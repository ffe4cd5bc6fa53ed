import { createServer } from 'node:net'
import { ShoplakeError } from '../errors.ts'

/**
 * Whether a server can listen there: resolves when it can. Rejects with port_unusable, not retryable, when the port is
 * taken, belongs to root, or the address is not one of this machine. Port 0 always can.
 */
export function probePort(port: number, host: string): Promise<void> {
  if (port === 0) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error) => reject(portError(error, port, host)))
    server.listen(port, host, () => server.close(() => resolve()))
  })
}

/** What a failed listen means, and what to do. Other errors come back as they are. */
export function portError(error: NodeJS.ErrnoException, port: number, host: string): Error {
  const known: { readonly [code: string]: string } = {
    EADDRINUSE: `port ${port} is taken by another program; choose another with --port, or find it with: ss -ltnp 'sport = :${port}'`,
    EACCES: `port ${port} may only be taken by root; choose one above 1023 with --port, with a reverse proxy in front`,
    EADDRNOTAVAIL: `${host} is no address of this machine; see --host`,
    ENOTFOUND: `${host} is no address of this machine; see --host`,
  }
  const text = known[error.code ?? '']
  return text === undefined ? error : new ShoplakeError('port_unusable', text, { cause: error })
}
