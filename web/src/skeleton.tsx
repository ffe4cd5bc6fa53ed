/** The page's shape before its first numbers. */
export function Skeleton() {
  return (
    <div
      role="status"
      aria-label="Loading"
      className="grid grid-cols-1 gap-3 sm:gap-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]"
    >
      <div className="card p-4 sm:p-5">
        <Bone className="h-5 w-28" />
        <Bone className="mt-2 h-10 w-44" />
        <Bone className="mt-2 h-5 w-72 max-w-full" />
        <Bone className="mt-10 h-[12.5rem] w-full" />
      </div>
      <div className="grid grid-cols-2 gap-3 sm:grid-cols-4 sm:gap-4 lg:max-h-[26.5rem] lg:grid-cols-1">
        {['orders', 'average', 'visitors', 'carts'].map((name) => (
          <div key={name} className="card flex flex-col justify-center gap-2 p-4 lg:px-5">
            <Bone className="h-4 w-20" />
            <Bone className="h-8 w-24 max-w-full" />
            <Bone className="h-3 w-28 max-w-full" />
          </div>
        ))}
      </div>
    </div>
  )
}

function Bone({ className }: { readonly className: string }) {
  return <div className={`rounded bg-line motion-safe:animate-pulse ${className}`} />
}
