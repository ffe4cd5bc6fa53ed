/** The event source mappings in the shape that CloudFormation has them. */
export const CONSUMERS_TEMPLATE = {
  Resources: {
    Records: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        BatchSize: 10_000,
        MaximumBatchingWindowInSeconds: 60,
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: 2000,
        MaximumRecordAgeInSeconds: 43_200,
        ParallelizationFactor: 1,
        StartingPosition: 'TRIM_HORIZON',
      },
    },
  },
}
