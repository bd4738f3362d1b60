/** The dynamoose model of the one table, and the table itself for local databases. */
import { CreateTableCommand, DynamoDB, ResourceInUseException } from '@aws-sdk/client-dynamodb';
import dynamoose from 'dynamoose';

/** `endpoint` only for a local database; credentials then need not be real. */
export interface TableAddress {
  readonly table: string;
  readonly region: string;
  readonly endpoint?: string;
}

/**
 * The model behind `dynamoStore`. The table is made by the deployment, never by a function: nothing
 * here calls the control plane. An instance of its own, because dynamoose's default is global.
 */
export function modelOf(address: TableAddress) {
  const instance = new dynamoose.Instance();
  instance.aws.ddb.set(clientOf(address));
  const schema = new dynamoose.Schema({
    pk: { type: String, hashKey: true },
    sk: { type: String, rangeKey: true },
    id: String,
    line: String,
    run: String,
    delivery: String,
    at: Number,
    person: String,
    body: String,
    taken: Boolean,
    seq: Number,
    json: String,
    owner: String,
    epoch: Number,
    rank: Number,
    parts: Number,
    expires: Number,
  });
  const model = dynamoose.model(`drillbook:${address.endpoint ?? ''}:${address.table}`, schema);
  new instance.Table(address.table, [model], { create: false, waitForActive: false });
  return model;
}
export type StoreModel = ReturnType<typeof modelOf>;

/** Makes the table in a local database; does nothing when it is there. */
export async function createTable(address: TableAddress): Promise<void> {
  const command = new CreateTableCommand({
    TableName: address.table,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
  });
  const client = clientOf(address);
  try {
    await client.send(command);
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  } finally {
    client.destroy();
  }
}

function clientOf({ region, endpoint }: TableAddress): DynamoDB {
  if (endpoint === undefined) return new DynamoDB({ region });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return new DynamoDB({ region, endpoint, credentials });
}
