import { Page } from '../parts/Page.tsx';

export default function Appliances() {
  return <Page title="Appliances">{null}</Page>;
}
