import './shared-BvT4x1kq.js'

document.body.onclick = () => import('./chart-Bk3nW8eR.js')
