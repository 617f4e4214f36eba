/**
 * Tells a listener of the application what happened. It may throw, and it may be an async function that fails later: a promise that nobody looks at would end
 * the process, and requests of strangers lead here.
 */
export function tellListener<Event> (listener: (event: Event) => unknown, event: Event, onFailure: (error: unknown) => void): void {
  try {
    Promise.resolve(listener(event)).catch(onFailure)
  } catch (error) {
    onFailure(error)
  }
}
