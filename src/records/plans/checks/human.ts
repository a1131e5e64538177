// Who is a human: actors whose names begin with `human:`.

const PREFIX = 'human:'

/**
 * Whether an actor is a human, whom gates let pass: `human:ada`.
 * @example isHuman('human:ada') // true
 */
export function isHuman(actor: string): boolean {
  return actor.startsWith(PREFIX) && actor.slice(PREFIX.length).trim() !== ''
}
