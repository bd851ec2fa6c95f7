import icon from './icon.svg';

/** The product's name; on a page without another title it is the page's heading. */
export function Brand({ as: Element = 'p' }: { as?: 'p' | 'h1' }) {
  return (
    <Element className="brand">
      <img src={icon} alt="" width={28} height={28} />
      backoffice
    </Element>
  );
}
