import { Button, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { t } from "../text/text";

/** Which columns a list shows. */
export function ColumnMenu(props: {
  columns: readonly { key: string; title: string; fixed: boolean }[];
  shown: readonly string[];
  onShown: (keys: string[]) => void;
  onReset: () => void;
}) {
  const { columns, shown } = props;
  return (
    <MenuTrigger>
      <Button className="button quiet" data-testid="columns-open">
        {t.table.columns}
      </Button>
      <Popover className="popover">
        <Menu
          className="menu"
          aria-label={t.table.columns}
          selectionMode="multiple"
          selectedKeys={shown}
          disabledKeys={columns.filter((column) => column.fixed).map((column) => column.key)}
          onSelectionChange={(keys) => keys !== "all" && props.onShown(columns.map((column) => column.key).filter((key) => keys.has(key)))}
        >
          {columns.map((column) => (
            <MenuItem key={column.key} id={column.key} className="menu-item" data-testid={`column-${column.key}`}>
              <span className="check" aria-hidden="true" />
              {column.title}
            </MenuItem>
          ))}
        </Menu>
        <div className="popover-foot">
          <Button className="button quiet" data-testid="columns-reset" onPress={props.onReset}>
            {t.table.reset}
          </Button>
        </div>
      </Popover>
    </MenuTrigger>
  );
}
