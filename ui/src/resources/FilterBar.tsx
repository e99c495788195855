import { memo, useState } from "react";
import { Button as AriaButton, ComboBox, Dialog, DialogTrigger, Input, ListBox, ListBoxItem, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { Button, DateSpan, FilterLine, TextLine } from "../controls/controls";
import { useStable } from "../app/stable";
import { t, useLanguage } from "../text/text";
import { type Filters, isFiltered, NAME_MAX, type SavedFilter } from "./filters";

/** What narrows the list: text, product by type-ahead, order time; and what was saved of it. */
export function FilterBar(props: {
  filters: Filters;
  products: readonly string[];
  onChange: (part: Partial<Filters>) => void;
  onClear: () => void;
  saved: readonly SavedFilter[];
  onUse: (filter: SavedFilter) => void;
  onSave: (name: string) => void;
  onRemove: (filter: SavedFilter) => void;
}) {
  const { filters, onChange } = props;
  const filtered = isFiltered(filters);
  const onProduct = useStable((product: string | null) => onChange({ product }));
  return (
    <div className="row" role="search">
      <FilterLine label={t.resources.filter} value={filters.text} onChange={(text) => onChange({ text })} testId="filter-text" />
      <ProductFilter product={filters.product} products={props.products} onProduct={onProduct} />
      <DateSpan
        name="filter"
        label={t.resources.ordered}
        from={filters.from}
        to={filters.to}
        onFrom={(from) => onChange({ from })}
        onTo={(to) => onChange({ to })}
      />
      {filtered && (
        <Button look="quiet" data-testid="filter-clear" onClick={props.onClear}>
          {t.resources.clear}
        </Button>
      )}
      {props.saved.length > 0 && <SavedMenu saved={props.saved} onUse={props.onUse} onRemove={props.onRemove} />}
      {filtered && <SaveFilter onSave={props.onSave} />}
    </div>
  );
}

type ProductProps = { product: string | null; products: readonly string[]; onProduct: (product: string | null) => void };

const sameProducts = (old: ProductProps, next: ProductProps): boolean =>
  old.product === next.product && old.onProduct === next.onProduct && old.products.join() === next.products.join();

/** Narrows as one types; an empty field is every product. Typing in the field beside it does not draw its list again. */
const ProductFilter = memo(function ProductFilter(props: ProductProps) {
  useLanguage();
  const { product, products, onProduct } = props;
  // The chosen product stays in the list even when the other filters leave none of it.
  const all = product && !products.includes(product) ? [product, ...products] : products;
  const items = all.map((id) => ({ id }));
  return (
    <ComboBox
      className="combo"
      aria-label={t.resources.product}
      defaultItems={items}
      selectedKey={product}
      onSelectionChange={(key) => onProduct(key === null ? null : String(key))}
      onInputChange={(text) => text === "" && product !== null && onProduct(null)}
      menuTrigger="focus"
    >
      <div className="combo-field">
        <Input className="input" placeholder={t.resources.allProducts} data-testid="filter-product" />
        <AriaButton className="combo-open" aria-label={t.resources.product}>
          <svg viewBox="0 0 10 10" aria-hidden="true">
            <path d="M2.2 2.8 5 5.6 7.8 2.8 8.7 3.7 5 7.4 1.3 3.7Z" />
          </svg>
        </AriaButton>
      </div>
      <Popover className="popover">
        <ListBox<{ id: string }> className="menu" renderEmptyState={() => <p className="menu-empty muted small">{t.resources.empty}</p>}>
          {({ id }) => (
            <ListBoxItem id={id} className="menu-item" textValue={id} data-testid={`product-${id}`}>
              {id}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}, sameProducts);

function SavedMenu(props: { saved: readonly SavedFilter[]; onUse: (filter: SavedFilter) => void; onRemove: (filter: SavedFilter) => void }) {
  const pick = (key: string) => {
    const [what, ...name] = key.split(":");
    const filter = props.saved.find((one) => one.name === name.join(":"));
    if (filter) (what === "use" ? props.onUse : props.onRemove)(filter);
  };
  return (
    <MenuTrigger>
      <AriaButton className="button quiet" data-testid="saved-open">
        {t.resources.saved}
      </AriaButton>
      <Popover className="popover">
        <Menu className="menu" aria-label={t.resources.saved} onAction={(key) => pick(String(key))}>
          {props.saved.flatMap((filter) => [
            <MenuItem key={`use:${filter.name}`} id={`use:${filter.name}`} className="menu-item" data-testid={`saved-${filter.name}`}>
              {filter.name}
            </MenuItem>,
            <MenuItem key={`remove:${filter.name}`} id={`remove:${filter.name}`} className="menu-item minor" data-testid={`saved-remove-${filter.name}`}>
              {t.resources.removeSaved({ name: filter.name })}
            </MenuItem>,
          ])}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

function SaveFilter(props: { onSave: (name: string) => void }) {
  const [name, setName] = useState("");
  const ready = name.trim() !== "" && name.trim().length <= NAME_MAX;
  return (
    <DialogTrigger>
      <AriaButton className="button quiet" data-testid="filter-save">
        {t.resources.save}
      </AriaButton>
      <Popover className="popover padded">
        <Dialog className="small-dialog" aria-label={t.resources.save}>
          {({ close }) => (
            <form
              onSubmit={(event) => {
                event.preventDefault();
                if (!ready) return;
                props.onSave(name.trim());
                setName("");
                close();
              }}
            >
              <TextLine label={t.resources.saveName} value={name} onChange={setName} autoFocus testId="filter-name" />
              <button type="submit" className="button primary" disabled={!ready} data-testid="filter-save-yes">
                {t.resources.saveYes}
              </button>
            </form>
          )}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
