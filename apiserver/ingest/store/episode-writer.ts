import { recordEpisode, type Recorded, type RecorderPorts, type Submission } from './recorder.ts';
import { RepeatCounter, type RepeatCounterPorts } from './repeat-counter.ts';

/** Records alerts at once and counts their repeats later, in batches. */
export class EpisodeWriter {
  readonly #ports: RecorderPorts;
  readonly #repeats: RepeatCounter;

  constructor(ports: RecorderPorts & RepeatCounterPorts) {
    this.#ports = ports;
    this.#repeats = new RepeatCounter(ports);
  }

  /**
   * Stores an alert as `recordEpisode` does, and counts it when it is a repeat.
   *
   * @throws UnavailableError and what `AlertStore` throws: the sender has to send the alert again
   */
  async record(submission: Submission, signal: AbortSignal): Promise<Recorded> {
    const result = await recordEpisode(this.#ports, submission, signal);
    if (result.outcome === 'duplicate') this.#repeats.add(result.alert, submission);
    return result;
  }

  /** Writes the counts of repeats. Never fails. */
  flushRepeats(): Promise<void> {
    return this.#repeats.flush((submission, signal) => this.record(submission, signal));
  }

  /** Returns the number of episodes with repeats that are not written yet. */
  repeatsPending(): number {
    return this.#repeats.pending();
  }
}
