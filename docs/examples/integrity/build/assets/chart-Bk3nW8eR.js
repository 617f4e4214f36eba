import './shared-BvT4x1kq.js'
