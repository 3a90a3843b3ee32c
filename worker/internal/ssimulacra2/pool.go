package ssimulacra2

import "math"

// maxScales is how many times pictures are compared: at 1:1, 1:2, and so on to 1:32.
const maxScales = 6

// minSide is the shortest side of a picture that the metric compares. A scale is the last if one of its sides is
// shorter.
const minSide = 8

// The maps of a plane, in the order in which their weights follow one another.
const (
	structure = iota // 1 - SSIM
	artefact         // an edge that the reference lacks
	lost             // an edge that the picture lacks
	maps
)

const norms = 2 // the mean, and the fourth root of the mean of fourth powers

// The planes, in the order in which their weights follow one another.
const (
	planeX = iota
	planeY
	planeB // blue less yellow: B-Y
	planes
)

// weights are those of version 2.1 of the metric: for each plane, for each scale, for each norm, for each map.
var weights = [planes * maxScales * norms * maps]float64{
	0, 0.0007376606707406586, 0, 0, 0.0007793481682867309, 0, // X at 1:1
	0, 0.0004371155730107379, 0, 1.1041726426657346, 0.00066284834129271, 0.00015231632783718752,
	0, 0.0016406437456599754, 0, 1.8422455520539298, 11.441172603757666, 0,
	0.0007989109436015163, 0.000176816438078653, 0, 1.8787594979546387, 10.94906990605142, 0,
	0.0007289346991508072, 0.9677937080626833, 0, 0.00014003424285435884, 0.9981766977854967, 0.00031949755934435053,
	0.0004550992113792063, 0, 0, 0.0013648766163243398, 0, 0,
	0, 0, 0, 7.466890328078848, 0, 17.445833984131262, // Y at 1:1
	0.0006235601634041466, 0, 0, 6.683678146179332, 0.00037724407979611296, 1.027889937768264,
	225.20515300849274, 0, 0, 19.213238186143016, 0.0011401524586618361, 0.001237755635509985,
	176.39317598450694, 0, 0, 24.43300999870476, 0.28520802612117757, 0.0004485436923833408,
	0, 0, 0, 34.77906344483772, 44.835625328877896, 0,
	0, 0, 0, 0, 0, 0,
	0, 0.0008680556573291698, 0, 0, 0, 0, // B-Y at 1:1
	0, 0.0005313191874358747, 0, 0.00016533814161379112, 0, 0,
	0, 0, 0, 0.0004179171803251336, 0.0017290828234722833, 0,
	0.0020827005846636437, 0, 0, 8.826982764996862, 23.19243343998926, 0,
	95.1080498811086, 0.9863978034400682, 0.9834382792465353, 0.0012286405048278493, 171.2667255897307, 0.9807858872435379,
	0, 0, 0, 0.0005130064588990679, 0, 0.00010854057858411537,
}

// minWeight is the least weight for which a plane is compared.
const minWeight = 0.01

// weightsOf returns the weights of a plane at a scale, by norm and then by map. With fewer than six scales the authors'
// program takes the weights without a gap from the beginning of the table.
func weightsOf(plane, scale, scales int) []float64 {
	return weights[(plane*scales+scale)*norms*maps:][:norms*maps]
}

// isCompared reports whether a plane is compared at a scale.
func isCompared(plane, scale, scales int) bool {
	for _, w := range weightsOf(plane, scale, scales) {
		if w >= minWeight {
			return true
		}
	}
	return false
}

// countCompared returns how many planes are compared at a scale.
func countCompared(scale, scales int) (n int) {
	for plane := range planes {
		if isCompared(plane, scale, scales) {
			n++
		}
	}
	return n
}

// total is the weighted sum of all norms.
type total float64

// add adds the norms of the maps of a plane. sums holds the sum of each map, then the sum of its fourth powers.
func (t *total) add(sums *[norms * maps]float64, weights []float64, pixels int) {
	for i := range maps {
		mean, power := sums[i]/float64(pixels), sums[maps+i]/float64(pixels)
		*t += total(float64(weights[i]*mean) + float64(weights[maps+i]*math.Sqrt(math.Sqrt(power))))
	}
}

// score maps the sum to the scale of the subjective scores that the weights were fitted to.
func (t total) score() float64 {
	s := float64(t) * 0.9562382616834844
	square := float64(s * s)
	s = float64(2.326765642916932*s) - float64(0.020884521182843837*square) + float64(float64(6.248496625763138e-05*square)*s)
	if s <= 0 {
		return 100
	}
	return 100 - 10*math.Pow(s, 0.6276336467831387)
}
