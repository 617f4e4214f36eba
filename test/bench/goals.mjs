/**
 * A goal speaks of the median of a row's processor ratio, or of how many times another row's it is (`over`).
 * Goals whose rows were not measured are left out.
 */
export function judge (goals, results) {
  const ratio = name => results.find(result => result.name === name)?.cpuRatio?.median
  return goals
    .map(({ name, row, over, least }) => {
      const measured = over ? ratio(row) / ratio(over) : ratio(row)
      return { name, row, least, measured, met: measured >= least }
    })
    .filter(goal => Number.isFinite(goal.measured))
}
