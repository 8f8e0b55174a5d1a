/** A value and what tells it from the others of its family. */
export type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** Counts by size: `counts[i]` are those up to `bounds[i]` and above the bound before, the last one is of all that are larger. */
export interface Histogram {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
}

/**
 * Metrics in the Prometheus text format 0.0.4, a family at a time;
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format.
 */
export class Exposition {
  #text = '';

  get text(): string {
    return this.#text;
  }

  /** `name` ends in `_total`. */
  counter(name: string, help: string, samples: Iterable<Sample>): void {
    this.#family(name, 'counter', help, samples);
  }

  gauge(name: string, help: string, samples: Iterable<Sample>): void {
    this.#family(name, 'gauge', help, samples);
  }

  histogram(name: string, help: string, { bounds, counts, sum }: Histogram): void {
    let below = 0;
    this.#head(name, 'histogram', help);
    counts.forEach((count, i) => {
      below += count;
      this.#sample(`${name}_bucket`, { le: spell(bounds[i] ?? Infinity) }, below);
    });
    this.#sample(`${name}_sum`, {}, sum);
    this.#sample(`${name}_count`, {}, below);
  }

  #family(name: string, type: string, help: string, samples: Iterable<Sample>): void {
    this.#head(name, type, help);
    for (const [labels, value] of samples) this.#sample(name, labels, value);
  }

  #head(name: string, type: string, help: string): void {
    this.#text += `# HELP ${name} ${help.replace(/[\\\n]/gu, escape)}\n# TYPE ${name} ${type}\n`;
  }

  #sample(name: string, labels: Readonly<Record<string, string>>, value: number): void {
    let pairs = '';
    for (const [label, of] of Object.entries(labels)) {
      const escaped = SPECIAL.test(of) ? of.replace(/[\\\n"]/gu, escape) : of;
      pairs += `${pairs === '' ? '' : ','}${label}="${escaped}"`;
    }
    this.#text += `${name}${pairs === '' ? '' : `{${pairs}}`} ${spell(value)}\n`;
  }
}

const SPECIAL = /[\\\n"]/u;

const escape = (char: string): string => (char === '\n' ? String.raw`\n` : `\\${char}`);

const spell = (value: number): string => (value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value));
