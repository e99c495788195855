import { t } from "../text/text";

/** What is handed to the customer. */
export function ReportsPage() {
  return (
    <main className="page">
      <section className="page-main">
        <div className="page-head">
          <h1>{t.reports.title}</h1>
        </div>
      </section>
    </main>
  );
}
