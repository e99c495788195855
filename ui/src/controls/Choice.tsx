/** One of a few, all of them in sight. */
export function Choice<Value>(props: { label: string; values: readonly Value[]; chosen: Value; named: (value: Value) => string; onChoose: (value: Value) => void }) {
  return (
    <span className="choice-line">
      <span className="small muted">{props.label}</span>
      <span className="segments" role="group" aria-label={props.label}>
        {props.values.map((value) => (
          <button key={String(value)} type="button" className="segment" aria-pressed={value === props.chosen} onClick={() => props.onChoose(value)}>
            {props.named(value)}
          </button>
        ))}
      </span>
    </span>
  );
}
