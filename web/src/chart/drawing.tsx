import { type RefObject, useEffect, useRef } from 'react'
import type { Drawing, Option } from './engine.ts'

interface CanvasProps {
  readonly option: Option
  readonly height: number
  /** Filled with the drawing once it is there, for a picture of it. */
  readonly drawing?: RefObject<Drawing | undefined>
}

/** An area that the engine draws on; the engine is fetched when the first one is on the page. */
export function Canvas({ option, height, drawing }: CanvasProps) {
  const element = useRef<HTMLDivElement>(null)
  const latest = useRef(option)
  const own = useRef<Drawing>(undefined)
  latest.current = option
  useEffect(() => {
    const target = element.current!
    let isGone = false
    const resized = new ResizeObserver(() => own.current?.resize())
    const begin = async () => {
      const { openDrawing } = await import('./engine.ts')
      if (isGone) return
      own.current = openDrawing(target)
      if (drawing) drawing.current = own.current
      own.current.draw(latest.current)
      target.dataset.drawn = ''
      resized.observe(target)
    }
    void begin()
    return () => {
      isGone = true
      resized.disconnect()
      own.current?.dispose()
      own.current = undefined
      if (drawing) drawing.current = undefined
    }
  }, [drawing])
  useEffect(() => own.current?.draw(option), [option])
  return (
    <div ref={element} data-canvas="" aria-hidden="true" className="w-full" style={{ height }} />
  )
}
