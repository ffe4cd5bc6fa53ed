import { Bone } from '../parts/skeleton.tsx'

/** The page's shape before its first numbers. */
export function LiveSkeleton() {
  return (
    <div
      role="status"
      aria-label="Loading"
      className="grid grid-cols-1 gap-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]"
    >
      <Bone className="h-[26.5rem] w-full" />
      <div className="grid grid-cols-2 gap-4 sm:grid-cols-4 lg:grid-cols-1">
        {['orders', 'average', 'visitors', 'carts'].map((name) => (
          <Bone key={name} className="h-24 w-full" />
        ))}
      </div>
    </div>
  )
}
