import type { ReactNode } from "react";

/** A part of the settings: its name, what it is for, and its body. */
export function Part(props: { title: ReactNode; text: string; children: ReactNode }) {
  return (
    <section className="page-main settings-body">
      <div className="page-head">
        <div className="discounts-about">
          <h2>{props.title}</h2>
          <p className="muted">{props.text}</p>
        </div>
      </div>
      <div className="settings-content">{props.children}</div>
    </section>
  );
}

/** One setting of a part: a heading, a sentence, and what is set. */
export function Setting(props: { title: string; text?: string; children: ReactNode }) {
  return (
    <section className="setting">
      <div>
        <h3>{props.title}</h3>
        {props.text && <p className="small muted">{props.text}</p>}
      </div>
      <div className="setting-value">{props.children}</div>
    </section>
  );
}
