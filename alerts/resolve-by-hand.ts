import { isResolved, type AegisAlert } from '../crds/alert.ts';
import { resolveChange, type EpisodeChange } from './episode-object.ts';

/**
 * Ends an episode on the word of a person, as a resolve of the sender would; undefined when it has ended. A sender that
 * goes on with the same firing is taken for late for a while; a firing that began later is a new episode.
 */
export function resolveByHand(alert: AegisAlert, now: Date): EpisodeChange | undefined {
  return isResolved(alert) ? undefined : resolveChange(now.toISOString(), now);
}
