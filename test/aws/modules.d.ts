declare module 'kinesalite' {
  import type { Server } from 'node:http'
  export default function kinesalite(options: { [name: string]: unknown }): Server
}

declare module 'dynalite' {
  import type { Server } from 'node:http'
  export default function dynalite(options: { [name: string]: unknown }): Server
}
