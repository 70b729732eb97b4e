import { isResolved, type AegisAlert } from '../crds/alert.ts';
import { resolveChange, type EpisodeChange } from './episode-object.ts';

/**
 * Returns the change that ends an episode for a user, as a resolve of the sender would; undefined when it has ended. The
 * same firing is ignored as late for a while; a firing that began later is a new episode.
 */
export function resolveByHand(alert: AegisAlert, now: Date): EpisodeChange | undefined {
  return isResolved(alert) ? undefined : resolveChange(now.toISOString(), now);
}
