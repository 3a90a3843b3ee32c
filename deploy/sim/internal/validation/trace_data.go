package validation

import "time"

// The figures below are published by others. Each has its source and the conditions that it names. A tolerance says how
// vague the figure is, and how much of the conditions is unknown.

// launch is a number of tasks that a cluster was asked for at once, and when they ran.
type launch struct {
	what        string
	tasks       int
	services    int     // services that share the tasks
	burst       int     // launches at once, a quota of the account; 0: today's
	rate        float64 // launches a second
	serviceRate int     // launches a minute of one service; 0: today's quota
	observed    []ran
	tolerance   float64
	source      string
}

type ran struct {
	after time.Duration
	tasks int
}

var launches = []launch{
	// Four services of 1,000, 1,000, 1,000 and 500 tasks. Quotas: "1 task per second (after an initial burst of 10 tasks
	// the first second)". One service alone launched 23 tasks a minute. The files of the article have a count of each
	// minute.
	{what: "Fargate in 2020", tasks: 3500, services: 4, burst: 10, rate: 1, serviceRate: 23, tolerance: 0.1,
		observed: []ran{{10 * time.Minute, 558}, {30 * time.Minute, 1691}, {56 * time.Minute, 3117}},
		source: "Vlad Ionescu, Scaling containers on AWS in 2020, https://www.vladionescu.me/posts/scaling-containers-in-aws/, " +
			"column FargateOnECS of https://github.com/Vlaaaaaaad/blog-scaling-containers-in-aws/blob/master/graph-results.csv"},
	// The same with a quota of 3 tasks a second, so that the services are the limit. How long the quota had been raised,
	// and what one service launches under it, is not published.
	{what: "the same with 3 tasks a second", tasks: 3500, services: 4, burst: 10, rate: 3, serviceRate: 23,
		tolerance: 0.25,
		observed: []ran{{10 * time.Minute, 725}, {20 * time.Minute, 1425}, {30 * time.Minute, 2310},
			{43 * time.Minute, 3455}},
		source: "the same article, column TunedFargate"},
	// Five services on Fargate Spot. The time of 3,500 tasks is read off a drawn graph that comes "close to 3500".
	{what: "Fargate in 2022", tasks: 3500, services: 5, tolerance: 0.25,
		observed: []ran{{30 * time.Second, 2}, {270 * time.Second, 3400}},
		source:   "Vlad Ionescu, Scaling containers on AWS in 2022, https://www.vladionescu.me/posts/scaling-containers-on-aws-in-2022/"},
}

// alarms are a benchmark of target tracking on the CPU of an ECS service, with metrics of a minute and of 20 s. The load
// and the target are not published, so how much of the first period counted is unknown.
var alarms = []struct {
	what             string
	highResolution   bool
	decided, running time.Duration // after the load began
	tolerance        float64
	source           string
}{
	{"target tracking at 60 s resolution", false, 363 * time.Second, 386 * time.Second, 0.3, alarmSource},
	{"target tracking at 20 s resolution", true, 86 * time.Second, 109 * time.Second, 0.3, alarmSource},
}

const alarmSource = "AWS News Blog, Amazon ECS introduces new high-resolution metrics for faster service auto scaling, " +
	"https://aws.amazon.com/blogs/aws/amazon-ecs-introduces-new-high-resolution-metrics-for-faster-service-auto-scaling/, " +
	"as reported by https://devopscloudconsult.com/blog/ecs-auto-scaling-now-4x-faster-with-20-second-metr/"

// size is the example of the guide: each message takes 0.1 s, 10 s are acceptable, and five instances are added to ten.
var size = struct {
	messages, tasks     int
	perMessage, latency time.Duration
	wanted              int
	tolerance           float64
	source              string
}{1500, 10, 100 * time.Millisecond, 10 * time.Second, 15, 0,
	"user guide of Amazon EC2 Auto Scaling, Scaling policy based on Amazon SQS, " +
		"https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-using-sqs-queue.html"}

// incident is a delay of Rollbar's processing pipeline on 2017-09-13. It began at 8:00:00, peaked at 141 s at 8:06:50
// and was gone at 8:20:40. A status report of 8:17 names 47 s. That report has no second and the reading in it is
// older, by up to a minute, in which the delay falls by ten seconds.
var incident = struct {
	what                     string
	peak, peakAt, clearAt    time.Duration
	read, readAt             time.Duration
	tolerance, readTolerance float64
	source                   string
}{"Rollbar's delay in 2017", 141 * time.Second, 410 * time.Second, 1240 * time.Second, 47 * time.Second, 17 * time.Minute, 0.05, 0.25,
	"Rollbar's status page, Processing delays, 2017-09-13, http://status.rollbar.com/incidents/wcsfzbcww0vx"}
