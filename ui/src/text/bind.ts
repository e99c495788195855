// Makes of a catalogue of ICU messages what pages read: a message without placeholders is a string, one with placeholders a
// function of them. Which placeholders a message has is read from the English text by the type checker, too.

import { IntlMessageFormat } from "intl-messageformat";
import { foreignWithin } from "./foreign";

/** The placeholders of an ICU message. What stands in braces with a space, a brace or `#` is a branch of a plural, not a name. */
type Names<Message extends string> = Message extends `${string}{${infer Rest}`
  ? Name<Rest extends `${infer Head}}${string}` ? (Head extends `${infer First},${string}` ? First : Head) : never> | Names<Rest>
  : never;
type Name<Head extends string> = Head extends `${string}${" " | "{" | "#"}${string}` ? never : Head;

/** A message as pages use it. */
type Told<Message extends string> = [Names<Message>] extends [never]
  ? string
  : (values: { [name in Names<Message>]: string | number }) => string;

/** A catalogue as pages use it. */
export type Bound<Catalogue> = {
  readonly [key in keyof Catalogue]: Catalogue[key] extends string ? Told<Catalogue[key]> : Bound<Catalogue[key]>;
};

/** The shape of a catalogue in another language: the same keys, other strings. */
export type Like<Catalogue> = {
  readonly [key in keyof Catalogue]: Catalogue[key] extends string ? string : Like<Catalogue[key]>;
};

/** A catalogue with its messages ready to be told in `locale`; a message is parsed when it is first told. */
export function bind<Catalogue extends object>(catalogue: Catalogue, locale: string): Bound<Catalogue> {
  const entries = Object.entries(catalogue).map(([key, value]: [string, unknown]) => [
    key,
    typeof value === "string" ? told(value, locale) : bind(value as object, locale),
  ]);
  return Object.fromEntries(entries) as Bound<Catalogue>;
}

function told(message: string, locale: string): string | ((values: Record<string, string | number>) => string) {
  if (!message.includes("{")) return message;
  let format: IntlMessageFormat | undefined;
  return (values) => {
    format ??= new IntlMessageFormat(message, locale);
    return String(format.format(shown(values)));
  };
}

/** What is told may be anybody's text. */
function shown(values: Record<string, string | number>): Record<string, string | number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value === "string" ? foreignWithin(value) : value]));
}
