import { Duration } from 'aws-cdk-lib'
import type { RestApi } from 'aws-cdk-lib/aws-apigateway'
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront'
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins'
import * as s3 from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'
import { PRIVATE } from './lake.ts'

export interface ConsoleOptions {
  readonly api: RestApi
  readonly logs: s3.IBucket
}

/** Paths of the API that the console's host answers too, so that its pages need no other origin. */
const API_PATHS = ['/v1/*', '/docs*', '/openapi.json', '/version', '/livez', '/readyz']

/** A page's path without an ending is the console itself: it routes by itself. */
const PAGES = `function handler(event) {
  var request = event.request
  if (!/\\.[a-z0-9]+$/.test(request.uri)) request.uri = '/index.html'
  return request
}`

const POLICY = [
  "default-src 'self'",
  "img-src 'self' data:",
  "style-src 'self' 'unsafe-inline'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

/** The console: the same files as on one machine, from S3 through CloudFront, with the API under the same name. */
export class Console extends Construct {
  readonly bucket: s3.Bucket
  readonly distribution: cloudfront.Distribution

  constructor(scope: Construct, id: string, options: ConsoleOptions) {
    super(scope, id)
    this.bucket = new s3.Bucket(this, 'Bucket', {
      ...PRIVATE,
      serverAccessLogsBucket: options.logs,
      serverAccessLogsPrefix: 'console/',
    })
    const api: cloudfront.BehaviorOptions = {
      origin: new origins.RestApiOrigin(options.api, { readTimeout: Duration.seconds(30) }),
      viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
      cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
      originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    }
    const headers = new cloudfront.ResponseHeadersPolicy(this, 'Headers', {
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy: POLICY, override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: cloudfront.HeadersFrameOption.DENY, override: true },
        referrerPolicy: {
          referrerPolicy: cloudfront.HeadersReferrerPolicy.SAME_ORIGIN,
          override: true,
        },
        strictTransportSecurity: {
          accessControlMaxAge: Duration.days(365),
          includeSubdomains: true,
          override: true,
        },
      },
    })
    const pages = new cloudfront.Function(this, 'Pages', {
      code: cloudfront.FunctionCode.fromInline(PAGES),
      runtime: cloudfront.FunctionRuntime.JS_2_0,
    })
    this.distribution = new cloudfront.Distribution(this, 'Distribution', {
      comment: 'The console of shoplake.',
      defaultRootObject: 'index.html',
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
      priceClass: cloudfront.PriceClass.PRICE_CLASS_100,
      enableLogging: true,
      logBucket: options.logs,
      logFilePrefix: 'cloudfront/',
      defaultBehavior: {
        origin: origins.S3BucketOrigin.withOriginAccessControl(this.bucket),
        viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        responseHeadersPolicy: headers,
        compress: true,
        functionAssociations: [
          { function: pages, eventType: cloudfront.FunctionEventType.VIEWER_REQUEST },
        ],
      },
      additionalBehaviors: Object.fromEntries(API_PATHS.map((path) => [path, api])),
    })
  }
}
