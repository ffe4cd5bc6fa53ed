/** Style of the reference page: readable at 360 pixels, light and dark. */
export const DOCS_STYLE = `
:root{color-scheme:light dark;--ink:#12201f;--soft:#50605f;--paper:#fff;--panel:#f6f7f7;--rule:#e1e6e6;--accent:#0f766e;--get:#1a6e3c;--post:#8a4b00;--delete:#b3261e}
@media (prefers-color-scheme:dark){:root{--ink:#e9f1f0;--soft:#a3b3b2;--paper:#0d1213;--panel:#161d1f;--rule:#2a3437;--accent:#4fd1c1;--get:#6fd09a;--post:#f0b168;--delete:#ff9a92}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem;-webkit-text-size-adjust:100%}
body{margin:0;font:16px/1.55 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
a{color:var(--accent)}a:focus-visible,pre:focus-visible,.wide:focus-visible,summary:focus-visible,button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
header{display:flex;flex-wrap:wrap;gap:0 1rem;align-items:center;padding:.5rem 1rem;border-bottom:1px solid var(--rule)}
.home{display:inline-flex;align-items:center;gap:.6rem;font-weight:700;text-decoration:none;color:var(--ink)}header a{line-height:2.75rem}header span{color:var(--soft)}header a:last-child{margin-left:auto}
.skip{position:absolute;left:-999px}.skip:focus{left:1rem;top:.5rem;background:var(--paper);padding:.5rem}
main{padding:0 1rem 6rem;min-width:0;max-width:56rem}
section{border-bottom:1px solid var(--rule);padding:.5rem 0 1.5rem}
h1{font-size:1.6rem;margin:1rem 0 .5rem}h2.tag{font-size:1.3rem;margin:2rem 0 0}h3{margin:1rem 0 .25rem}h3 a{color:inherit;text-decoration:none}h4{margin:1.25rem 0 .25rem;font-size:.95rem;color:var(--soft)}
p{margin:.4rem 0}code{font:.875em/1.5 ui-monospace,Menlo,Consolas,monospace}.line{display:flex;flex-wrap:wrap;align-items:center;gap:.2rem .6rem;overflow-wrap:anywhere}
.scope{font-size:.8rem;border:1px solid var(--rule);border-radius:1rem;padding:.1rem .6rem;color:var(--soft);white-space:nowrap}
b.get{color:var(--get)}b.post{color:var(--post)}b.delete{color:var(--delete)}b.get,b.post,b.delete{font-size:.8rem}
.copy{position:relative;margin:.6rem 0}pre{margin:0;padding:.75rem;background:var(--panel);border:1px solid var(--rule);border-radius:.5rem;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
.copy button{position:absolute;top:.35rem;right:.35rem;min-width:44px;min-height:44px;font:inherit;font-size:.8rem;color:var(--ink);background:var(--paper);border:1px solid var(--rule);border-radius:.4rem;cursor:pointer}
.copy:has(button) pre{padding-right:5rem;min-height:54px}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem .4rem 0;border-bottom:1px solid var(--rule)}th[scope=row]{font-weight:400}
dl{margin:0}dt{margin-top:.6rem}dd{margin:0 0 0 1rem;color:var(--soft)}small{color:var(--soft)}
summary{cursor:pointer;padding:.65rem 0}tr:target{background:var(--panel)}
nav{padding:0 1rem;border-bottom:1px solid var(--rule)}nav h2{font-size:.8rem;color:var(--soft);margin:.75rem 0 .25rem}nav ul{list-style:none;margin:0;padding:0}nav a{display:block;padding:.65rem 0;text-decoration:none;color:var(--ink);font-size:.85rem;overflow-wrap:anywhere}
@media (min-width:60rem){nav a{padding:.3rem 0}.frame{display:grid;grid-template-columns:19rem minmax(0,1fr)}main{padding-inline:2.5rem}nav{position:sticky;top:0;height:100vh;overflow-y:auto;border-right:1px solid var(--rule);border-bottom:0}nav summary{display:none}}
@media (max-width:40rem){pre{white-space:pre;font-size:.9rem}.copy:has(button) pre{padding:3.4rem .75rem .75rem}}
@media print{nav,.copy button{display:none}}
`

/** Adds a button to what one would copy. Without it, a double click selects as ever. */
export const DOCS_SCRIPT = `'use strict'
if (matchMedia('(max-width: 60rem)').matches) document.querySelector('nav details').open = false
const openTarget = () => {
  const target = location.hash && document.getElementById(location.hash.slice(1))
  if (target && target.tagName === 'DETAILS') target.open = true
}
addEventListener('hashchange', openTarget)
openTarget()
for (const box of navigator.clipboard ? document.querySelectorAll('.copy') : []) {
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = 'Copy'
  button.addEventListener('click', () => {
    navigator.clipboard.writeText(box.querySelector('code').textContent).then(
      () => { button.textContent = 'Copied' },
      () => { button.textContent = 'Press Ctrl-C' },
    )
    setTimeout(() => { button.textContent = 'Copy' }, 2000)
  })
  box.append(button)
}
`
