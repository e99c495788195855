import { useQuery } from "@tanstack/react-query";
import { problemOf, type RefundRow } from "../backend/backend";
import { useDesk } from "../app/desk";
import { Amount, Button, ProblemCard } from "../controls/controls";
import { Joined } from "../controls/Foreign";
import { isZero } from "../figures/money";
import { formatInstant, formatRuleInstant } from "../figures/time";
import { Section } from "../inspector/QuoteSections";
import { told } from "../text/problems";
import { t } from "../text/text";
import { OrderStatus } from "./HistoryPage";

/** One refund order as the console's details tell it, and beside it what the desk had predicted. */
export function RefundPanel(props: { refund: RefundRow }) {
  const { refund } = props;
  return (
    <article className="quote">
      <header className="quote-resource">
        <h2 className="copyable break">{refund.refund_order}</h2>
        <p className="muted">
          <Joined parts={[refund.customer_name, refund.product]} />
        </p>
        <p>
          <OrderStatus status={refund.order_status} />
        </p>
      </header>
      <section className="quote-head">
        <div className="quote-title">
          <span className="label">{t.history.columns.amount}</span>
        </div>
        <p className="quote-amount" data-amount={refund.amount}>
          <Amount amount={refund.amount} currency={refund.currency} />
        </p>
      </section>
      <Section title={t.history.compare}>
        <Compared refund={refund} />
        {refund.request !== null && <Differences request={refund.request} />}
      </Section>
      <Section title={t.history.unsubscribeTo}>
        {refund.unsubscribe_to.length === 0 ? (
          <p className="muted">{t.history.unsubscribeToNone}</p>
        ) : (
          <dl className="pairs">
            {refund.unsubscribe_to.map((part) => (
              <div key={`${part.to}/${part.at}`}>
                <dt>
                  {t.destination[part.to] ?? part.to}
                  <span className="small muted"> {formatInstant(part.at)}</span>
                </dt>
                <dd>
                  <Amount amount={part.amount} currency={refund.currency} />
                </dd>
              </div>
            ))}
          </dl>
        )}
      </Section>
      <Section title={t.history.information}>
        <dl className="pairs">
          <div>
            <dt className="muted">{t.history.columns.time}</dt>
            <dd title={`${formatRuleInstant(refund.refunded_at)} ${t.inspector.utc8}`}>{formatInstant(refund.refunded_at)}</dd>
          </div>
          <div>
            <dt className="muted">{t.history.columns.resource}</dt>
            <dd className="copyable break">{refund.resource}</dd>
          </div>
          <div>
            <dt className="muted">{t.history.related}</dt>
            <dd className="copyable break">{refund.related_orders.join(", ")}</dd>
          </div>
          {refund.arrived_at && (
            <div>
              <dt className="muted">{t.history.arrivedAt}</dt>
              <dd>{formatInstant(refund.arrived_at)}</dd>
            </div>
          )}
          {refund.reason && (
            <div>
              <dt className="muted">{t.history.reason}</dt>
              <dd>{refund.reason}</dd>
            </div>
          )}
          {[refund.request, ...refund.also_answers].map((request) => (
            <RequestLink key={request} request={request} />
          ))}
        </dl>
      </Section>
    </article>
  );
}

function Compared(props: { refund: RefundRow }) {
  const { refund } = props;
  if (refund.predicted === null) return <p className="muted">{t.history.predictedNone}</p>;
  const agrees = refund.difference !== null && isZero(refund.difference);
  return (
    <dl className="pairs">
      <div>
        <dt>{t.history.columns.predicted}</dt>
        <dd>
          <Amount amount={refund.predicted} currency={refund.currency} />
        </dd>
      </div>
      <div>
        <dt>{t.wizard.actual}</dt>
        <dd>
          <Amount amount={refund.amount} currency={refund.currency} />
        </dd>
      </div>
      <div>
        <dt>{t.history.arrived}</dt>
        <dd>
          <Amount amount={refund.arrived} currency={refund.currency} />
        </dd>
      </div>
      {refund.difference !== null && (
        <div className={agrees ? "muted" : "risk strong"}>
          <dt>{agrees ? t.history.agrees : t.history.differs}</dt>
          <dd>
            <Amount amount={refund.difference} currency={refund.currency} />
          </dd>
        </div>
      )}
    </dl>
  );
}

/** What came out otherwise than predicted, each with what explains it; what nothing explains says so. */
function Differences(props: { request: string }) {
  const { backend } = useDesk();
  const read = useQuery({ queryKey: ["history", "reconciled", props.request], queryFn: () => backend.reconciled(props.request) });
  if (read.isError) return <ProblemCard problem={problemOf(read.error)} />;
  const { differences = [], facts = null } = read.data ?? {};
  return (
    <>
      {differences.map((difference) => (
        <div key={`${difference.of}/${difference.text}`} className="difference" data-testid={`difference-${difference.of}`}>
          <p>{difference.text}</p>
          {difference.explanations.length === 0 ? (
            <p className="risk">{t.history.unexplained}</p>
          ) : (
            <ul>
              {difference.explanations.map((one) => (
                <li key={one.code}>
                  {one.text} {one.rule && <code className="small muted">{one.rule}</code>}
                </li>
              ))}
            </ul>
          )}
        </div>
      ))}
      {facts && <p className="small muted">{told(facts).message}</p>}
    </>
  );
}

function RequestLink(props: { request: string | null }) {
  const { goTo, chooseRequest } = useDesk();
  const { request } = props;
  if (request === null) {
    return (
      <div>
        <dt className="muted">{t.history.request}</dt>
        <dd className="muted">{t.history.elsewhere}</dd>
      </div>
    );
  }
  const show = () => {
    chooseRequest(request);
    goTo("requests");
  };
  return (
    <div>
      <dt className="muted">{t.history.request}</dt>
      <dd>
        <Button look="quiet" onClick={show}>
          {request}
        </Button>
      </dd>
    </div>
  );
}
