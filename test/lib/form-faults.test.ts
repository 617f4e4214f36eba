import t from 'tap'
import { kFormFaults, takeFaults, type FaultyRequest } from '../../lib/form-faults.ts'

t.test('faults are taken once', async (t) => {
  const fault = { path: 'a', key: 'required', params: {} }
  const request: FaultyRequest = { [kFormFaults]: [fault] }
  t.same(takeFaults(request), [fault])
  t.same(takeFaults(request), [])
  t.same(takeFaults({}), [])
})
