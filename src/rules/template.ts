/** A field that a text of `then` or `else` asks for. Offsets into the text; `end` is exclusive. */
interface TemplateField {
  readonly of: 'line' | 'event';
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

/** What is wrong with a text, and where in it. */
export interface TextFault {
  readonly message: string;
  /** Offsets into the text; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
}

export interface Template {
  readonly fields: readonly TemplateField[];
  readonly faults: readonly TextFault[];
}

/** Finds `${path}` and `${event.path}` in a text, in order of place. What is at fault is no field. */
export function readTemplate(text: string): Template {
  const fields: TemplateField[] = [];
  const faults: TextFault[] = [];
  for (let start = text.indexOf('${'); start !== -1; start = text.indexOf('${', start + 2)) {
    const close = text.indexOf('}', start);
    if (close === -1) {
      faults.push({ message: '"${" is never closed; end the field with "}"', start, end: text.length });
      break;
    }
    const inside = text.slice(start + 2, close);
    const of = inside.startsWith('event.') ? 'event' : 'line';
    const path = of === 'event' ? inside.slice('event.'.length) : inside;
    const end = close + 1;
    if (path.trim() !== '') fields.push({ of, path, start, end });
    else faults.push({ message: '"${}" names no field; write ${path} or ${event.path}', start, end });
    start = close - 1;
  }
  return { fields, faults };
}
