import { startEmulators } from './emulators.ts'

/** The emulators in a process of their own, so that functions are not timed with them: tells its parent where they listen. */
const emulators = await startEmulators()
process.send!(emulators.endpoints)
process.on('disconnect', () => process.exit(0))
